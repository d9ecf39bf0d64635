"""What decided steps bring about: charges, notices, tasks and escalations, each kind in one statement for the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET

from domain.collections.escalations import raise_escalations
from domain.collections.model import EscalationDraft, TaskDraft
from domain.collections.tasks import open_tasks
from domain.customers.addresses import open_address
from domain.dunning.case_store import result_fields
from domain.dunning.charge_steps import charge
from domain.dunning.combining import Letter, letters, results
from domain.dunning.decided import Decided, Effect
from domain.dunning.facts_store import awaiting_address, company_name
from domain.dunning.model import Occurrence
from domain.dunning.rules.actions import ApprovalAction, EscalationAction, TaskAction, is_writing
from domain.dunning.rules.contact import address_of
from domain.dunning.rules.facts import ContactFacts
from domain.dunning.rules.holds import NO_ADDRESS
from domain.dunning.rules.steps import templates_of
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.messaging.book import TemplateBook
from domain.messaging.model import NoticeDraft
from domain.messaging.notices import queue_notices
from domain.messaging.rules.variables import notice_variables
from domain.messaging.templates import load_templates


async def carry_out(ctx: Context, decided: Sequence[Decided], now: datetime) -> list[Occurrence]:
    """Makes what the decisions ask for, in the open transaction; the occurrences to be stored, which name it."""
    charged = await charge(ctx, decided, now)
    effects = [Effect(one, step) for one in charged.decided for step in one.decision.steps]
    made = {
        **charged.made,
        **await _queue_notices(ctx, effects, now),
        **await _open_tasks(ctx, effects, now),
        **await _raise_escalations(ctx, effects),
        **_approved(effects),
    }
    return [_occurrence(effect, made.get(effect.key), now) for effect in effects]


async def _queue_notices(ctx: Context, effects: Sequence[Effect], now: datetime) -> dict[tuple[str, str], str]:
    wanted = [effect for effect in effects if effect.step.contact is not None]
    if not wanted:
        return {}
    company = await company_name(ctx)
    book = await load_templates(ctx, set(templates_of([effect.step.step for effect in wanted])))
    written = letters(wanted)
    notices = await queue_notices(ctx, book, [_notice_draft(ctx, letter, book, company, now) for letter in written])
    return results((letter, notice.id) for letter, notice in zip(written, notices, strict=True))


def _notice_draft(ctx: Context, letter: Letter, book: TemplateBook, company: str, now: datetime) -> NoticeDraft:
    effect = letter.effects[0]
    case, known, contact, action = effect.of.case, effect.of.gathered, effect.step.contact, effect.step.step.action
    channel = effect.step.channel
    assert is_writing(action)
    assert contact is not None
    assert channel is not None
    receivables, open_amount, disputed_amount = letter.receivables(), letter.open_amount, letter.disputed_amount
    locale = book.locale_of(action.template, channel, contact.locale or known.locale)
    variables = notice_variables(
        locale,
        customer_name=known.customer_name,
        contact_name=contact.name,
        company_name=company,
        number=known.number,
        amount=letter.amount,
        open_amount=open_amount,
        disputed_amount=disputed_amount,
        issued_on=known.issued_on,
        due_on=known.facts.due_on,
        today=local_date(now, known.facts.time_zone),
        receivables=receivables,
    )
    return NoticeDraft(
        customer_id=case.customer_id,
        receivable_id=known.receivable_id,
        contact_id=contact.id,
        case_id=case.id,
        step_key=effect.step.step.key,
        channel=channel,  # type: ignore[arg-type,unused-ignore] # names of channels are open
        template_key=action.template,
        locale=locale,
        recipient=_recipient(ctx, contact, channel),
        variables=variables,
        open_amount=open_amount,
        disputed_amount=disputed_amount,
        due_on=known.facts.due_on,
        receivables=receivables,
    )


def _recipient(ctx: Context, contact: ContactFacts, channel: str) -> str:
    """The address itself, as it was when the step was decided."""
    address = address_of(contact, channel)
    opened = open_address(ctx, contact.id, address.field, address.sealed) if address else None
    assert opened is not None
    return opened


def _approved(effects: Sequence[Effect]) -> dict[tuple[str, str], str]:
    """Steps that are nothing but an approval name what somebody said."""
    return {
        effect.key: effect.step.approval.id
        for effect in effects
        if isinstance(effect.step.step.action, ApprovalAction) and effect.step.approval is not None
    }


async def _open_tasks(ctx: Context, effects: Sequence[Effect], now: datetime) -> dict[tuple[str, str], str]:
    wanted = [effect for effect in effects if isinstance(effect.step.step.action, TaskAction)]
    wanted = [effect for effect in wanted if effect.step.outcome == "done"]
    drafts = [_task_draft(effect) for effect in wanted]
    without_address = await _first_without_address(ctx, effects)
    drafts += [_address_task_draft(effect, now) for effect in without_address]
    if not drafts:
        return {}
    tasks = await open_tasks(ctx, drafts)
    return {effect.key: task.id for effect, task in zip([*wanted, *without_address], tasks, strict=True)}


async def _first_without_address(ctx: Context, effects: Sequence[Effect]) -> list[Effect]:
    """One held e-mail for each customer whom nobody has been asked yet to find an address of."""
    held: dict[str, Effect] = {}
    for effect in effects:
        if NO_ADDRESS in effect.step.reasons:
            held.setdefault(effect.of.case.customer_id, effect)
    if not held:
        return []
    asked = await awaiting_address(ctx, list(held))
    return [effect for customer_id, effect in held.items() if customer_id not in asked]


def _task_draft(effect: Effect) -> TaskDraft:
    case, action = effect.of.case, effect.step.step.action
    assert isinstance(action, TaskAction)
    return TaskDraft(
        title=action.title,
        assignee=action.assignee,
        role=None if action.role is UNSET else action.role,
        due_at=effect.step.due_at,
        customer_id=case.customer_id,
        receivable_id=effect.of.gathered.receivable_id,
        case_id=case.id,
        step_key=effect.step.step.key,
    )


def _address_task_draft(effect: Effect, now: datetime) -> TaskDraft:
    case, known, action = effect.of.case, effect.of.gathered, effect.step.step.action
    channels = action.channels if is_writing(action) else ()
    return TaskDraft(
        title=f"Find {'an e-mail address' if channels == ('email',) else 'an address'} of {known.customer_name}"[:300],
        description=f"The reminder about {known.number} could not be sent: no contact of this customer has an address.",
        due_at=now,
        customer_id=case.customer_id,
        receivable_id=effect.of.gathered.receivable_id,
        case_id=case.id,
        step_key=effect.step.step.key,
    )


async def _raise_escalations(ctx: Context, effects: Sequence[Effect]) -> dict[tuple[str, str], str]:
    wanted = [effect for effect in effects if isinstance(effect.step.step.action, EscalationAction)]
    wanted = [effect for effect in wanted if effect.step.outcome == "done"]
    if not wanted:
        return {}
    escalations = await raise_escalations(ctx, [_escalation_draft(effect) for effect in wanted])
    return {effect.key: escalation.id for effect, escalation in zip(wanted, escalations, strict=True)}


def _escalation_draft(effect: Effect) -> EscalationDraft:
    case, action = effect.of.case, effect.step.step.action
    assert isinstance(action, EscalationAction)
    return EscalationDraft(
        customer_id=case.customer_id,
        receivable_id=effect.of.gathered.receivable_id,
        case_id=case.id,
        step_key=effect.step.step.key,
        level=action.level,
        open_amount=effect.of.gathered.facts.open_amount,
    )


def _occurrence(effect: Effect, result_id: str | None, now: datetime) -> Occurrence:
    return Occurrence(
        id=new_id("occ"),
        case_id=effect.of.case.id,
        step_key=effect.step.step.key,
        number=effect.step.number,
        due_at=effect.step.due_at,
        decided_at=now,
        outcome=effect.step.outcome,
        reasons=list(effect.step.reasons),
        action=effect.step.step.action.type,
        anchor_receivable_id=effect.of.gathered.receivable_id,
        branch=effect.step.branch,
        **result_fields(result_id),
    )
