"""What decided steps say: notices to customers and alerts to the tenant's own people, each in one statement for the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.customers.addresses import open_address
from domain.dunning.combining import Letter, letters, results
from domain.dunning.decided import Effect
from domain.dunning.facts_store import company_name
from domain.dunning.rules.actions import AlertAction, NoticeAction, is_writing
from domain.dunning.rules.facts import CaseFacts, ContactFacts
from domain.dunning.rules.steps import templates_of
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.messaging.alerts import queue_alerts
from domain.messaging.book import TemplateBook
from domain.messaging.contact_policy_model import PolicyAnswer
from domain.messaging.model import AlertDraft, NoticeDraft, ReceivableLine, Value
from domain.messaging.notices import queue_notices
from domain.messaging.rules.channels import has_letter
from domain.messaging.rules.variables import notice_variables
from domain.messaging.templates import load_templates


async def write(ctx: Context, effects: Sequence[Effect], now: datetime) -> dict[tuple[str, str], str]:
    """Queues what the effects have to say, to customers and to the tenant's own people; the ids of the notices by the effects' keys."""
    alerts = [
        effect
        for effect in effects
        if effect.step.outcome == "done" and isinstance(effect.step.step.action, AlertAction)
    ]
    return {**await _queue_notices(ctx, effects, now), **await _queue_alerts(ctx, alerts, now)}


async def _queue_notices(ctx: Context, effects: Sequence[Effect], now: datetime) -> dict[tuple[str, str], str]:
    wanted = [effect for effect in effects if effect.step.contact is not None]
    if not wanted:
        return {}
    company = await company_name(ctx)
    book = await load_templates(ctx, set(templates_of([effect.step.step for effect in wanted])))
    written = letters(wanted)
    notices = await queue_notices(ctx, book, [notice_draft(ctx, letter, book, company, now) for letter in written])
    return results((letter, notice.id) for letter, notice in zip(written, notices, strict=True))


def notice_draft(ctx: Context, letter: Letter, book: TemplateBook, company: str, now: datetime) -> NoticeDraft:
    """What a letter says at `now`; raises KeyError if there is no such template for its channel."""
    effect = letter.effects[0]
    case, known, contact, action = effect.of.case, effect.of.gathered, effect.step.contact, effect.step.step.action
    channel = effect.step.channel
    assert is_writing(action)
    assert contact is not None
    assert channel is not None
    tone = action.tone if isinstance(action, NoticeAction) else None
    locale = book.locale_of(action.template, channel, contact.locale or known.locale, tone)
    attached = isinstance(action, NoticeAction) and action.letter
    lines = letter.lines() if len(letter.named) > 1 or has_letter(channel, attached=attached) else ()
    variables = _variables(letter, lines, locale, company, contact.name, now)
    return NoticeDraft(
        customer_id=case.customer_id,
        receivable_id=known.receivable_id,
        contact_id=contact.id,
        case_id=case.id,
        step_key=effect.step.step.key,
        channel=channel,
        template_key=action.template,
        locale=locale,
        recipient=recipient_of(ctx, contact, channel),
        variables=variables,
        open_amount=letter.open_amount,
        disputed_amount=letter.disputed_amount,
        due_on=known.facts.due_on,
        contact_policy=_answer(effect, now),
        receivables=lines,
        named=letter.receivables(),
        dated_on=local_date(now, known.facts.time_zone),
        tone=tone,
        letter=attached,
        new_due_days=action.new_due_days if isinstance(action, NoticeAction) else None,
        proposed=effect.of.control.release == "manual",
    )


def _answer(effect: Effect, now: datetime) -> PolicyAnswer | None:
    version = effect.of.gathered.policy_version
    if version is None:
        return None
    return PolicyAnswer(rules=list(effect.step.allowed_by), policy_version=version, asked_at=now)


def _variables(
    letter: Letter, lines: Sequence[ReceivableLine], locale: str, company: str, contact_name: str, now: datetime
) -> dict[str, Value]:
    known = letter.effects[0].of.gathered
    return notice_variables(
        locale,
        customer_name=known.customer_name,
        contact_name=contact_name,
        company_name=company,
        number=known.number,
        amount=letter.amount,
        open_amount=letter.open_amount,
        disputed_amount=letter.disputed_amount,
        issued_on=known.issued_on,
        due_on=known.facts.due_on,
        today=local_date(now, known.facts.time_zone),
        receivables=lines,
    )


def recipient_of(ctx: Context, contact: ContactFacts, channel: str) -> str:
    """The address itself, as it was when the step was decided."""
    own = contact.addresses.get(channel)
    if own is not None:
        return own
    field, sealed = ("email", contact.sealed_email) if channel == "email" else ("phone", contact.sealed_phone)
    opened = open_address(ctx, contact.id, field, sealed)
    assert opened is not None
    return opened


async def _queue_alerts(ctx: Context, effects: Sequence[Effect], now: datetime) -> dict[tuple[str, str], str]:
    if not effects:
        return {}
    company = await company_name(ctx)
    book = await load_templates(ctx, {_template_of(effect) for effect in effects})
    notices = await queue_alerts(ctx, [alert_draft(ctx, effect, book, company, now) for effect in effects], book)
    return {effect.key: notice.id for effect, notice in zip(effects, notices, strict=True)}


def _template_of(effect: Effect) -> str:
    action = effect.step.step.action
    assert isinstance(action, AlertAction)
    return action.template


def alert_draft(ctx: Context, effect: Effect, book: TemplateBook, company: str, now: datetime) -> AlertDraft:
    """What the tenant's own people are told at `now`; raises KeyError if there is no such template for the channel."""
    case, known, action = effect.of.case, effect.of.gathered, effect.step.step.action
    assert isinstance(action, AlertAction)
    locale = book.locale_of(action.template, action.channel, ctx.locale)
    (letter,) = letters([effect])
    return AlertDraft(
        customer_id=case.customer_id,
        receivable_id=known.receivable_id,
        case_id=case.id,
        step_key=effect.step.step.key,
        channel=action.channel,
        template_key=action.template,
        locale=locale,
        variables=_variables(letter, letter.lines(), locale, company, _whom_to_ask(known.facts), now),
        open_amount=letter.open_amount,
        disputed_amount=letter.disputed_amount,
    )


def _whom_to_ask(facts: CaseFacts) -> str:
    """The name of the first contact at the customer; "" if there is none."""
    return facts.contacts[0].name if facts.contacts else ""
