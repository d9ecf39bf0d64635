"""What decided steps bring about: charges, notices, tasks and escalations, each kind in one statement for the whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import UNSET

from domain.collections.escalations import raise_escalations
from domain.collections.model import EscalationDraft, TaskDraft
from domain.collections.tasks import open_tasks
from domain.dunning.charge_steps import charge
from domain.dunning.decided import Decided, Effect
from domain.dunning.facts_store import awaiting_address
from domain.dunning.model import Occurrence, ShadowEffect
from domain.dunning.occurrence_store import result_fields
from domain.dunning.rules.actions import ApprovalAction, EscalationAction, TaskAction, is_writing
from domain.dunning.rules.holds import ADDRESS_INVALID, NO_ADDRESS
from domain.dunning.rules.verdicts import WouldBe
from domain.dunning.writing import recipient_of, write
from domain.kernel.context import Context
from domain.kernel.ids import new_ids
from domain.kernel.pii import mask_address


async def carry_out(ctx: Context, decided: Sequence[Decided], now: datetime) -> list[Occurrence]:
    """Makes what the decisions ask for, in the open transaction; the occurrences to be stored, which name it."""
    charged = await charge(ctx, decided, now)
    effects = [Effect(one, step) for one in charged.decided for step in one.decision.steps]
    made = {
        **charged.made,
        **await write(ctx, effects, now),
        **await _open_tasks(ctx, effects, now),
        **await _raise_escalations(ctx, effects),
        **_approved(effects),
    }
    return as_occurrences(ctx, effects, made, now)


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
        if not {NO_ADDRESS, ADDRESS_INVALID}.isdisjoint(effect.step.reasons):
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
    why = "no contact of this customer has an address"
    if ADDRESS_INVALID in effect.step.reasons:
        why = "what was written to every address of this customer came back"
    return TaskDraft(
        title=f"Find {'an e-mail address' if channels == ('email',) else 'an address'} of {known.customer_name}"[:300],
        description=f"The reminder about {known.number} could not be sent: {why}.",
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


def _shadow(ctx: Context, would_be: WouldBe | None) -> ShadowEffect | None:
    if would_be is None:
        return None
    contact, channel = would_be.contact, would_be.channel
    return ShadowEffect(
        outcome=would_be.outcome,
        reasons=list(would_be.reasons),
        channel=channel,
        contact_id=contact.id if contact else None,
        recipient=mask_address(recipient_of(ctx, contact, channel)) if contact and channel else None,
        needs_approval=would_be.needs_approval,
    )


def as_occurrences(
    ctx: Context, effects: Sequence[Effect], made: Mapping[tuple[str, str], str], now: datetime
) -> list[Occurrence]:
    """What is recorded of decided steps, each with the id of what it made, which is found by its key."""
    ids = new_ids("occ", len(effects))
    return [_occurrence(ctx, one, effect, made.get(effect.key), now) for one, effect in zip(ids, effects, strict=True)]


def _occurrence(ctx: Context, id: str, effect: Effect, result_id: str | None, now: datetime) -> Occurrence:
    return Occurrence(
        id=id,
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
        shadow=_shadow(ctx, effect.step.would_be),
        **result_fields(result_id),
    )
