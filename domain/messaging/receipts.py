"""Use cases of receipts: what became of notices after they had left.

Everything that tells of a delivery comes through `record_receipts`: callbacks of providers, returned mails, integrators. It may
tell things late, twice and in any order; the notice comes to the same state.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.customers.address_index import contact_ids_at
from domain.customers.reachability import Learnt, learn
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.messaging import account_store, receipt_store, store
from domain.messaging.model import Notice
from domain.messaging.receipt_model import IgnoredReceipts, NoticeReceipt, Receipt
from domain.messaging.rules.delivery_states import Step, is_address_fault, kept, steps_through
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, transaction

UNKNOWN_NOTICE = "unknown_notice"
OTHER_ACCOUNT = "of_another_account"
NO_REFERENCE = "names_no_notice"
UNKNOWN_ADDRESS = "unknown_address"
REFUSALS = ("complained", "opted_out")
"""Receipts by which somebody says that nothing more is wanted on a channel."""


@dataclass(slots=True)
class _Sorted:
    """Receipts by what they belong to."""

    fresh: defaultdict[str, list[NoticeReceipt]] = field(default_factory=lambda: defaultdict(list))
    refusals: list[Receipt] = field(default_factory=list)
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter)


async def record_receipts(ctx: Context, receipts: Sequence[Receipt], *, account_id: str | None) -> int:
    """Records what is told of notices, moves their states and emits what is news; answers how many receipts were new.

    `account_id` is the channel account that tells it; it can tell nothing of another account's notices. Receipts that belong to no
    notice are counted by reason (`list_ignored_receipts`). A bounce marks the contact's address invalid.
    """
    async with transaction(ctx):
        named = await _named(ctx, receipts, account_id)
        notices = await receipt_store.lock_notices(ctx, [notice_id for _, notice_id in named if notice_id])
        sorted_out = await _sort_out(ctx, named, notices, account_id)
        await _hear_refusals(ctx, sorted_out, account_id)
        if sorted_out.ignored:
            await receipt_store.count_ignored(ctx, account_id, dict(sorted_out.ignored))
        fresh = sorted(sorted_out.fresh.items())
        steps = [step for notice_id, told in fresh for step in steps_through(notices[notice_id], told)]
        await _store(ctx, notices, steps)
    return len(steps)


@use_case("notices:send")
async def report_receipts(ctx: Context, notice_id: str, receipts: Sequence[Receipt]) -> Notice:
    """What an integrator, who sent the notice by itself or watches its provider, knows of it; answers the notice after that.

    Raises NotFound, and InvalidInput for receipts of the future. Saying the same thing again changes nothing.
    """
    _check(ctx, receipts)
    async with transaction(ctx):
        await store.get_notice(ctx, notice_id)
        named = [replace(receipt, notice_id=notice_id, provider_message_id=None) for receipt in receipts]
        await record_receipts(ctx, named, account_id=None)
        return await store.get_notice(ctx, notice_id)


@use_case("notices:read")
async def list_receipts(ctx: Context, notice_id: str, page: PageRequest) -> Page[NoticeReceipt]:
    """What was told of a notice, in the order in which it was heard; raises NotFound for an unknown notice."""
    async with reading(ctx):
        await store.get_notice(ctx, notice_id)
        rows = await receipt_store.page_of_receipts(ctx, notice_id, page)
    return page_of(rows, page, lambda row: str(row["id"]), receipt_store.receipt_of)


@use_case("notices:read")
async def list_ignored_receipts(ctx: Context, page: PageRequest) -> Page[IgnoredReceipts]:
    """How many receipts belonged to no notice, by account, kind and reason."""
    async with reading(ctx):
        rows = await receipt_store.page_of_ignored(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), receipt_store.ignored_of)


async def are_known(ctx: Context, notice_ids: Sequence[str]) -> bool:
    """Whether there are such notices of this tenant."""
    async with reading(ctx):
        return bool(await store.notices_by_ids(ctx, list(notice_ids)))


async def blame_addresses(ctx: Context, notices: Sequence[Notice]) -> None:
    """Marks the addresses of bounced notices invalid, unless they were changed meanwhile."""
    bounced = [notice for notice in notices if notice.state == "bounced"]
    lessons = [_lesson_of(n, n.reason or "bounced", n.bounced_at or ctx.now()) for n in bounced]
    await learn(ctx, [lesson for lesson in lessons if lesson is not None])


async def _named(ctx: Context, receipts: Sequence[Receipt], account_id: str | None) -> list[tuple[Receipt, str | None]]:
    """Each receipt with the id of the notice that it names, itself or through the provider's id of the message."""
    wanted = [one.provider_message_id for one in receipts if not one.notice_id and one.provider_message_id]
    found: dict[str, str] = {}
    if wanted and account_id is not None:
        found = await receipt_store.ids_of_messages(ctx, account_id, wanted)
        if len(found) < len(set(wanted)):
            await receipt_store.wait_for_senders(ctx)
            found = await receipt_store.ids_of_messages(ctx, account_id, wanted)
    return [(one, one.notice_id or found.get(one.provider_message_id or "")) for one in receipts]


async def _sort_out(
    ctx: Context, named: Sequence[tuple[Receipt, str | None]], notices: dict[str, Notice], account_id: str | None
) -> _Sorted:
    """What is new of which notice, what names only somebody's address, and what belongs to nothing."""
    known = await receipt_store.known_receipts(ctx, list(notices)) if notices else set()
    found = _Sorted()
    for receipt, notice_id in named:
        notice = notices.get(notice_id or "")
        if notice is not None and account_id is not None and notice.channel_account_id != account_id:
            found.ignored[receipt.kind, OTHER_ACCOUNT] += 1
        elif notice is not None:
            stored = kept(receipt, notice, new_id("rct"), ctx.now())
            if (key := receipt_store.natural_key(stored)) not in known:
                known.add(key)
                found.fresh[notice.id].append(stored)
        elif receipt.kind in REFUSALS and receipt.address and account_id is not None:
            found.refusals.append(receipt)
        else:
            found.ignored[receipt.kind, UNKNOWN_NOTICE if _has_reference(receipt) else NO_REFERENCE] += 1
    return found


async def _hear_refusals(ctx: Context, found: _Sorted, account_id: str | None) -> None:
    """People who want nothing more on the account's channel and are named by their address alone, as in a keyword by SMS."""
    if not found.refusals or account_id is None:
        return
    channel = (await account_store.get(ctx, account_id)).channel
    lessons: list[Learnt] = []
    for receipt in found.refusals:
        address = receipt.address or ""
        contact_ids = await contact_ids_at(ctx, channel, address)
        if not contact_ids:
            found.ignored[receipt.kind, UNKNOWN_ADDRESS] += 1
        lessons += [
            Learnt(contact_id=one, channel=channel, reason=None, address=address, told_at=receipt.occurred_at)
            for one in contact_ids
        ]
    await learn(ctx, lessons)


async def _store(ctx: Context, notices: dict[str, Notice], steps: Sequence[Step]) -> None:
    if not steps:
        return
    after = {step.notice.id: step.notice for step in steps}
    await receipt_store.add_receipts(ctx, [step.receipt for step in steps])
    await receipt_store.save_told(ctx, [notice for notice in after.values() if notice != notices[notice.id]])
    for notice_id in after:
        audited(ctx, notice_id)
    await learn(ctx, [lesson for step in steps if (lesson := _lesson(step)) is not None])
    emit(ctx, *(_event(step) for step in steps if step.is_news))


def _event(step: Step) -> NewEvent:
    kind = "replied" if step.receipt.kind == "replied" else step.notice.state
    data = {"notice": step.notice, "receipt": step.receipt, "previous_state": step.previous_state}
    return NewEvent(f"notice.{kind}", step.notice.id, data)


def _lesson(step: Step) -> Learnt | None:
    """What a receipt teaches of the contact: a bad address, or that nothing more is wanted on this channel."""
    receipt = step.receipt
    if is_address_fault(receipt):
        return _lesson_of(step.notice, receipt.code or "bounced", receipt.occurred_at)
    if receipt.kind in REFUSALS:
        return _lesson_of(step.notice, None, receipt.occurred_at)
    return None


def _lesson_of(notice: Notice, reason: str | None, told_at: datetime) -> Learnt | None:
    """Nothing is learnt of an alert's recipients, who are no contacts."""
    if notice.contact_id is None:
        return None
    return Learnt(
        contact_id=notice.contact_id,
        channel=notice.channel,
        reason=reason,
        address=notice.recipient,
        told_at=told_at,
    )


def _has_reference(receipt: Receipt) -> bool:
    return bool(receipt.notice_id or receipt.provider_message_id)


def _check(ctx: Context, receipts: Sequence[Receipt]) -> None:
    now = ctx.now()
    late = [n for n, receipt in enumerate(receipts) if receipt.occurred_at > now]
    if late:
        errors = [FieldError(f"/receipts/{n}/occurred_at", "in_the_future", "It has not happened yet.") for n in late]
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
