"""The last question before notices leave: whether they are still true, and whether the contact policy allows them at this moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.kernel.context import Context
from domain.messaging import contact_policy_store
from domain.messaging.contact_history import History, history_of, take_turns
from domain.messaging.contact_policy_model import ContactPolicy
from domain.messaging.model import Notice
from domain.messaging.rules.contact_policy import Contacted, ContactRequest, gate, looks_back
from domain.messaging.rules.sending import FactsAtSending, cancelled, objection, postponed

Locked = tuple[Notice, FactsAtSending]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a notice may leave now: without a reason it may; with one it must not, or not before `until`."""

    notice: Notice
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    """Notices that may leave now, and those that may not, as they are to be stored."""

    wanted: list[Notice] = field(default_factory=list)
    kept_back: list[Notice] = field(default_factory=list)


async def sort_out(ctx: Context, locked: Sequence[Locked]) -> Sorted:
    """Which of these notices, claimed and locked, may leave: what is not true any more is cancelled, what has to wait is queued again."""
    found = Sorted()
    for verdict in await judge(ctx, locked):
        if verdict.reason is None:
            found.wanted.append(verdict.notice)
        elif verdict.until is not None:
            found.kept_back.append(postponed(verdict.notice, verdict.until, verdict.reason))
        else:
            found.kept_back.append(cancelled(verdict.notice, verdict.reason))
    return found


async def judge(ctx: Context, locked: Sequence[Locked]) -> list[Verdict]:
    """What is to be said of each of these locked notices; what may leave now counts for the contact policy of those behind it."""
    told, asked = [], []
    for notice, facts in locked:
        if reason := objection(notice, facts):
            told.append(Verdict(notice, reason))
        elif notice.contact_id is None:
            told.append(Verdict(notice))
        else:
            asked.append((notice, facts))
    version = asked[0][1].policy_version if asked else None
    if version is None:
        return [*told, *(Verdict(notice) for notice, _ in asked)]
    policy = await contact_policy_store.of_version(ctx, version)
    return [*told, *_ask(policy, asked, await _history(ctx, policy, asked), ctx.now())]


async def _history(ctx: Context, policy: ContactPolicy, asked: Sequence[Locked]) -> History:
    window = looks_back(policy)
    if window is None:
        return {}
    customers = sorted({notice.customer_id for notice, _ in asked})
    await take_turns(ctx, "sending", customers)
    return await history_of(ctx, "sending", customers, ctx.now() - window)


def _ask(policy: ContactPolicy, asked: Sequence[Locked], history: History, now: datetime) -> Iterator[Verdict]:
    """One after the other: what leaves now counts for those behind it."""
    for notice, facts in asked:
        earlier = history.setdefault(notice.customer_id, [])
        answer = gate(policy, _request(notice, facts), earlier, now)
        if answer.kind == "allow":
            earlier.append(Contacted(at=now, channel=notice.channel, contact_id=notice.contact_id))
            yield Verdict(notice)
        else:
            yield Verdict(notice, answer.rules[0], answer.until)


def _request(notice: Notice, facts: FactsAtSending) -> ContactRequest:
    return ContactRequest(
        contact_id=notice.contact_id or "",
        channel=notice.channel,
        time_zone=facts.time_zone,
        country=facts.country,
        opted_out=notice.channel in facts.opted_out_channels,
        is_third_party=facts.is_third_party,
    )
