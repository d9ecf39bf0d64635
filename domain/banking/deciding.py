"""Use cases of deciding on a line: it becomes a payment, or it is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.banking import line_store
from domain.banking.matching import matched, payer_keys
from domain.banking.model import BankStatementLine, Suggestion
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import store
from domain.ledger.model import AllocationWish
from domain.ledger.payments import take_payment
from domain.storage.transaction import transaction


@use_case("payments:write")
async def accept_bank_statement_line(
    ctx: Context,
    line_id: str,
    *,
    customer_id: str | None = None,
    allocations: Sequence[AllocationWish] | None = None,
    expected_version: int | None = None,
) -> BankStatementLine:
    """Records the line as a payment: of the proposed customer and allocations, or of those that are given.

    A line that is accepted stays as it is. Raises Conflict (`line_already_decided`, `no_proposal`, `suggestion_outdated`);
    in the last case the line has been matched again.
    """
    if customer_id is None and allocations is not None:
        raise InvalidInput.at("/customer_id", "missing_field", "Allocations are those of a customer.")
    async with transaction(ctx):
        line = await line_store.get(ctx, line_id, lock=True)
        expect(line.version, expected_version)
        if line.state == "accepted" and customer_id is None:
            return line
        accepted = await accept_locked(ctx, line, customer_id, allocations)
    if accepted is None:
        raise Conflict("suggestion_outdated", "What the proposal settles has changed; the line was matched again.")
    return accepted


@use_case("payments:write")
async def ignore_bank_statement_line(
    ctx: Context, line_id: str, *, reason: str, expected_version: int | None = None
) -> BankStatementLine:
    """Says that the line is no payment of a customer; raises Conflict (`line_already_decided`)."""
    async with transaction(ctx):
        line = await line_store.get(ctx, line_id, lock=True)
        expect(line.version, expected_version)
        _check_undecided(line)
        changed = _changed(ctx, line, state="ignored", ignored_reason=reason, suggestions=[])
        await line_store.save(ctx, changed)
        emit(ctx, NewEvent("bank_statement_line.ignored", line.id, {"bank_statement_line": changed}))
    return changed


@use_case("payments:write")
async def match_bank_statement_line(
    ctx: Context, line_id: str, *, expected_version: int | None = None
) -> BankStatementLine:
    """Looks again for what the line pays, with what is owed now; the same suggestions change nothing.

    Raises Conflict (`line_already_decided`).
    """
    async with transaction(ctx):
        line = await line_store.get(ctx, line_id, lock=True)
        expect(line.version, expected_version)
        _check_undecided(line)
        (again,) = await matched(ctx, [replace(line, state="unmatched", suggestions=[])])
        if (again.state, again.suggestions) == (line.state, line.suggestions):
            return line
        changed = _changed(ctx, line, state=again.state, suggestions=again.suggestions)
        await line_store.save(ctx, changed)
        emit(ctx, NewEvent("bank_statement_line.matched", line.id, {"bank_statement_line": changed}))
    return changed


async def accept_locked(
    ctx: Context, line: BankStatementLine, customer_id: str | None, allocations: Sequence[AllocationWish] | None
) -> BankStatementLine | None:
    """Turns a locked line into a payment; None if its proposal does not hold any more, and then it is matched again."""
    _check_undecided(line)
    if customer_id is None:
        proposal = line.suggestions[0] if line.state == "proposed" else None
        if proposal is None:
            raise Conflict("no_proposal", "Nothing is proposed for this line: name the customer.")
        if not await _holds(ctx, line, proposal):
            return None
        customer_id, allocations = proposal.customer_id, _wishes(proposal)
    payment, _ = await take_payment(
        ctx,
        customer_id=customer_id,
        amount=line.amount,
        received_on=line.value_on or line.booked_on,
        external_id=f"bank:{line.id}",
        reference=line.remittance[:200] or None,
        method="bank_transfer",
        allocations=allocations,
    )
    changed = _changed(ctx, line, state="accepted", payment_id=payment.id)
    await line_store.save(ctx, changed)
    for key in payer_keys(ctx, line):
        await line_store.learn_payer(ctx, key, customer_id)
    emit(ctx, NewEvent("bank_statement_line.accepted", line.id, {"bank_statement_line": changed}))
    return changed


async def _holds(ctx: Context, line: BankStatementLine, proposal: Suggestion) -> bool:
    """Whether the line would be proposed the same now, with the receivables locked; if not it is saved as matched again."""
    await store.lock_all(ctx, [allocation.receivable_id for allocation in proposal.allocations])
    (again,) = await matched(ctx, [replace(line, state="unmatched", suggestions=[])])
    if again.state == "proposed" and _same(again.suggestions[0], proposal):
        return True
    await line_store.save(ctx, _changed(ctx, line, state=again.state, suggestions=again.suggestions))
    return False


def _same(one: Suggestion, other: Suggestion) -> bool:
    settled = [{share.receivable_id: share.amount for share in some.allocations} for some in (one, other)]
    return one.customer_id == other.customer_id and settled[0] == settled[1]


def _wishes(proposal: Suggestion) -> list[AllocationWish]:
    return [
        AllocationWish(receivable_id=allocation.receivable_id, amount=str(allocation.amount.amount))
        for allocation in proposal.allocations
    ]


def _check_undecided(line: BankStatementLine) -> None:
    if line.state in ("accepted", "ignored", "already_recorded"):
        raise Conflict("line_already_decided", f"The line is {line.state}.")


def _changed(ctx: Context, line: BankStatementLine, **changes: object) -> BankStatementLine:
    return replace(line, **changes, version=line.version + 1, updated_at=ctx.now())  # type: ignore[arg-type]
