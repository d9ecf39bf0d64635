"""Tells what was and will be in a case: each step with its channel, recipient and text, and each code in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from domain.dunning.facts_store import company_name
from domain.dunning.model import Occurrence
from domain.dunning.outlook import Prospect, StepKey
from domain.dunning.rules.actions import AlertAction, is_writing
from domain.dunning.rules.projection import Expected, Wait
from domain.dunning.rules.reasons import told_in
from domain.dunning.rules.steps import Step
from domain.dunning.timeline_model import Blocker, FutureStep, PastStep, Reason, WaitingStep
from domain.dunning.writing import alert_draft, notice_draft
from domain.kernel.context import Context
from domain.messaging import store as messaging
from domain.messaging.alerts import notice_of_alert
from domain.messaging.book import TemplateBook
from domain.messaging.composing import compose, wants_letter
from domain.messaging.model import Notice, NoticeDraft
from domain.messaging.rules.samples import SAMPLE_NUMBER
from domain.messaging.templates import load_templates

TEMPLATE_FAILED = "template_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How it is told: in which language, and whether with the texts."""

    locale: str
    texts: bool = False


async def past_steps(ctx: Context, occurrences: Sequence[Occurrence], manner: Manner) -> list[PastStep]:
    """Occurrences with what became of their notices, in their order; one statement."""
    ids = [one.notice_id for one in occurrences if one.notice_id is not None]
    notices = {notice.id: notice for notice in await messaging.notices_by_ids(ctx, ids)} if ids else {}
    return [_past(one, notices.get(one.notice_id or ""), manner.locale) for one in occurrences]


async def future_steps(ctx: Context, prospect: Prospect, manner: Manner) -> list[FutureStep]:
    """What is expected, in order; two statements, however many steps there are."""
    drafts = await _drafts(ctx, prospect)
    return [_future(ctx, one, drafts, manner, prospect.control.reasons) for one in prospect.outlook.expected]


def waiting_steps(prospect: Prospect, manner: Manner) -> list[WaitingStep]:
    """What has no day yet."""
    kept_back = prospect.outlook.kept_back
    return [
        WaitingStep(
            step_key=step.key,
            action=step.action.type,
            reason=reason,
            blockers=[blocker(wait, manner.locale) for wait in kept_back.get(step.key, (Wait(reason),))],
        )
        for step, reason in prospect.outlook.waiting
    ]


def blocker(wait: Wait, locale: str) -> Blocker:
    """What keeps a step back, in words."""
    return Blocker(code=wait.code, message=told_in(wait.code, locale), until=wait.until)


def reasons_in(codes: Iterable[str], locale: str) -> list[Reason]:
    """Codes in words."""
    return [Reason(code=code, message=told_in(code, locale)) for code in codes]


def blockers_of(expected: Expected) -> list[Wait]:
    """All that keeps an expected step back, and why it does not come to be done if it does not."""
    found = {wait.code: wait for wait in expected.waits}
    if expected.decided.outcome != "done":
        found |= {code: Wait(code) for code in expected.decided.reasons if code not in found}
    return list(found.values())


def _past(one: Occurrence, notice: Notice | None, locale: str) -> PastStep:
    own: dict[str, Any] = {field.name: getattr(one, field.name) for field in fields(one)}
    return PastStep(
        **own,
        reason_details=reasons_in(one.reasons, locale),
        channel=notice.channel if notice else None,
        contact_id=notice.contact_id if notice else None,
        recipient=notice.recipient if notice else None,
        notice_state=notice.state if notice else None,
        notice_reason=reasons_in([notice.reason], locale)[0] if notice and notice.reason else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drafts:
    """What the steps that write are going to say, by step; a step whose template does not exist is not in it."""

    book: TemplateBook
    by_step: Mapping[StepKey, NoticeDraft]
    company: str


async def _drafts(ctx: Context, prospect: Prospect) -> _Drafts:
    steps = [*prospect.said, *(key for key, (e, _) in prospect.done.items() if _template_of(e.step.step) is not None)]
    if not steps:
        return _Drafts(book=TemplateBook(), by_step={}, company="")
    keys = {found for step in prospect.ladder.steps if (found := _template_of(step)) is not None}
    book, company = await load_templates(ctx, keys), await company_name(ctx)
    drafts: dict[StepKey, NoticeDraft] = {}
    for key in steps:
        effect, at = prospect.done[key]
        action = effect.step.step.action
        if isinstance(action, AlertAction) and book.has(action.template, action.channel):
            drafts[key] = notice_of_alert(alert_draft(ctx, effect, book, company, at), {})
        elif is_writing(action) and book.has(action.template, effect.step.channel or ""):
            letter, at = prospect.said[key]
            drafts[key] = notice_draft(ctx, letter, book, company, at)
    return _Drafts(book=book, by_step=drafts, company=company)


def _template_of(step: Step) -> str | None:
    action = step.action
    return action.template if is_writing(action) or isinstance(action, AlertAction) else None


def _future(ctx: Context, expected: Expected, drafts: _Drafts, manner: Manner, standing: tuple[str, ...]) -> FutureStep:
    decided = expected.decided
    draft = drafts.by_step.get((decided.step.key, decided.number)) if decided.outcome == "done" else None
    reasons = [*decided.reasons, *standing]
    waits = [*map(Wait, standing), *blockers_of(expected)]
    said: dict[str, Any] = {}
    if draft is not None:
        said = _said(ctx, draft, drafts.book, manner, expected.acts_at)
        waits += [Wait(code) for code in said.pop("failures")]
    elif decided.outcome == "done" and _template_of(decided.step) is not None:
        waits.append(Wait(TEMPLATE_FAILED))
    return FutureStep(
        step_key=decided.step.key,
        due_at=expected.at,
        expected_at=expected.acts_at,
        action=decided.step.action.type,
        outcome=decided.outcome,
        reasons=reasons,
        reason_details=reasons_in(reasons, manner.locale),
        blockers=[blocker(wait, manner.locale) for wait in waits],
        template_key=_template_of(decided.step),
        **said,
    )


def _said(ctx: Context, draft: NoticeDraft, book: TemplateBook, manner: Manner, at: datetime) -> dict[str, Any]:
    """Channel, recipient and manner of a notice; its text where texts are asked for, and why it has none."""
    told: dict[str, Any] = {
        "channel": draft.channel,
        "contact_id": draft.contact_id,
        "recipient": draft.recipient if draft.audience == "customer" else None,
        "tone": draft.tone,
        "locale": draft.locale,
        "letter": wants_letter(draft),
        "new_due_on": _new_due_on(draft, draft.dated_on or at.date()),
        "failures": [],
    }
    if not manner.texts:
        return told
    made = compose(book, draft, draft.dated_on or ctx.today(), SAMPLE_NUMBER if wants_letter(draft) else None)
    if made.failure is not None:
        return {**told, "failures": [made.failure]}
    return {**told, "subject": made.text.subject, "body": made.text.body}


def _new_due_on(draft: NoticeDraft, dated_on: date) -> date | None:
    return None if draft.new_due_days is None else dated_on + timedelta(days=draft.new_due_days)
