"""Deciding on lines of bank statements: what is not the customer's, not open, not ours or not matched any more is never settled."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.access.model import NewClient
from domain.access.tenants import create_tenant
from domain.banking import accepting
from domain.banking.accepting import accept_proposed_lines, run_accepting
from domain.banking.deciding import accept_bank_statement_line, ignore_bank_statement_line, match_bank_statement_line
from domain.banking.statements import get_bank_statement_line
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import AllocationWish
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.payments import list_payments
from domain.ledger.receivables import get_receivable
from domain.operations import work as operations
from domain.operations.model import Operation
from domain.operations.operations import get_operation
from tests.bank_files import camt
from tests.factories import a_customer, tenant_context
from tests.factories_banking import a_line, lines_of, uploaded
from tests.factories_ledger import a_payment, a_receivable, cny, count, errors_of, events_of, lease_runs_out

HEAD = "booked_on,amount,remittance\n"


class Killed(Exception):
    """What a SIGKILL is to this test."""


@pytest.mark.parametrize("amount", [None, "1000.00"])
async def test_what_another_customer_owes_is_not_settled(ctx: Context, amount: str | None) -> None:
    customer, other = await a_customer(ctx), await a_customer(ctx, name="Other")
    theirs = await a_receivable(ctx, other, number="INV-4000")
    line = await a_line(ctx, "INV-4000")
    wish = AllocationWish(receivable_id=theirs.id, amount=amount)
    with pytest.raises(InvalidInput) as refused:
        await accept_bank_statement_line(ctx, line.id, customer_id=customer.id, allocations=[wish])
    (error,) = refused.value.errors
    assert (error.pointer, error.code) == ("/allocations/0/receivable_id", "receivable_of_another_customer")
    assert await get_bank_statement_line(ctx, line.id) == line
    assert await count(ctx, "payments") == await count(ctx, "bank_payers") == 0


async def test_a_line_is_matched_again_once_its_invoice_is_there(ctx: Context) -> None:
    line = await a_line(ctx, "INV-4000")
    assert (line.state, await match_bank_statement_line(ctx, line.id)) == ("unmatched", line)
    receivable = await a_receivable(ctx, await a_customer(ctx), number="INV-4000")
    again = await match_bank_statement_line(ctx, line.id, expected_version=line.version)
    assert (again.state, again.version) == ("proposed", line.version + 1)
    assert [share.receivable_id for share in again.suggestions[0].allocations] == [receivable.id]
    assert (await accept_bank_statement_line(ctx, line.id)).state == "accepted"
    with pytest.raises(Conflict) as decided:
        await match_bank_statement_line(ctx, line.id)
    assert decided.value.code == "line_already_decided"


async def test_allocations_without_a_customer_are_refused(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_customer(ctx), number="INV-4000")
    line = await a_line(ctx, "INV-4000")
    with pytest.raises(InvalidInput, match="customer"):
        await accept_bank_statement_line(ctx, line.id, allocations=[AllocationWish(receivable_id=receivable.id)])


async def test_no_more_is_settled_than_is_open_and_the_rest_stays_unapplied(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer, number="INV-4000", amount=cny(300))
    line = await a_line(ctx, "INV-4000")
    assert line.suggestions[0].allocations[0].amount == cny(300)
    too_much = AllocationWish(receivable_id=receivable.id, amount="1000.00")
    with pytest.raises(InvalidInput):
        await accept_bank_statement_line(ctx, line.id, customer_id=customer.id, allocations=[too_much])
    accepted = await accept_bank_statement_line(
        ctx, line.id, customer_id=customer.id, allocations=[AllocationWish(receivable_id=receivable.id)]
    )
    (payment,) = (await list_payments(ctx, PageRequest())).items
    assert (payment.id, payment.unapplied_amount) == (accepted.payment_id, cny(700))
    assert (await get_receivable(ctx, receivable.id)).status == "paid"


async def test_a_line_of_another_tenant_is_none(ctx: Context, platform: tuple[PlatformContext, NewClient]) -> None:
    await a_receivable(ctx, await a_customer(ctx), number="INV-4000")
    line = await a_line(ctx, "INV-4000")
    fields: dict[str, Any] = {"name": "Other", "base_currency": "CNY", "time_zone": "Asia/Shanghai", "locale": "en"}
    foreign = await tenant_context((await create_tenant(platform[0], mode="live", **fields)).id)
    customer = await a_customer(foreign)
    for attempt in (
        accept_bank_statement_line(foreign, line.id),
        accept_bank_statement_line(foreign, line.id, customer_id=customer.id),
        ignore_bank_statement_line(foreign, line.id, reason="x"),
        accept_proposed_lines(foreign, line.statement_id),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await accept_bank_statement_line(ctx, line.id, customer_id=customer.id)
    assert await get_bank_statement_line(ctx, line.id) == line
    assert (await a_line(foreign, "INV-4000")).state == "unmatched"


async def test_a_reversal_or_a_debit_never_becomes_a_payment(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, number="INV-7")
    await uploaded(ctx, _RETURNS, "mt940")
    await uploaded(ctx, HEAD + "2026-01-05,-1000.00,INV-7\n")
    lines = await lines_of(ctx)
    assert [(line.state, line.ignored_reason) for line in lines] == [
        ("ignored", "reversal"),
        ("ignored", "reversal"),
        ("ignored", "debit"),
    ]
    for line in lines:
        for named in (None, customer.id):
            with pytest.raises(Conflict, match="line_already_decided"):
                await accept_bank_statement_line(ctx, line.id, customer_id=named)
    assert await count(ctx, "payments") == 0


async def test_a_payment_is_not_taken_for_the_reversal_of_the_same_day_and_amount(ctx: Context) -> None:
    await uploaded(ctx, _RETURNS, "mt940")
    later = await uploaded(ctx, _RETURNS.replace("RDA100,00", "CA100,00").replace("RD100,00", "C100,00"), "mt940")
    assert (later.progress.created, later.result["duplicates"]) == (1, 1)


async def test_two_overlapping_files_at_once_store_and_pay_nothing_twice(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for n in range(4):
        await a_receivable(ctx, customer, number=f"INV-600{n}")
    rows = [f"2026-01-05,1000.00,INV-600{n}\n" for n in range(4)]
    done = await asyncio.gather(uploaded(ctx, HEAD + "".join(rows[:3])), uploaded(ctx, HEAD + "".join(rows[1:])))
    assert sum(operation.progress.created for operation in done) == 4
    assert sum(operation.result["duplicates"] for operation in done) == 2
    assert [line.state for line in await lines_of(ctx)] == ["proposed"] * 4
    for line in await lines_of(ctx):
        await accept_bank_statement_line(ctx, line.id)
    again = await uploaded(ctx, HEAD + "".join(rows))
    assert (again.progress.created, again.result["duplicates"]) == (0, 4)
    assert await count(ctx, "payments") == 4


async def test_two_lines_that_propose_the_same_settle_it_once(ctx: Context) -> None:
    await a_receivable(ctx, await a_customer(ctx), number="INV-6000")
    lines = [await a_line(ctx, "INV-6000", counterparty_name=name) for name in ("one", "two")]
    done = await asyncio.gather(*(accept_bank_statement_line(ctx, line.id) for line in lines), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["BankStatementLine", "Conflict"]
    assert await count(ctx, "payments") == 1


async def test_an_outdated_proposal_may_be_accepted_once_it_is_proposed_anew(ctx: Context) -> None:
    customer, other = await a_customer(ctx), await a_customer(ctx, name="Other")
    first = await a_receivable(ctx, customer, number="INV-6000")
    line = await a_line(ctx, "INV-6000")
    payment = await a_payment(ctx, customer, 1000, allocations=[AllocationWish(receivable_id=first.id)])
    second = await a_receivable(ctx, other, number="INV-6000")
    with pytest.raises(Conflict, match="suggestion_outdated"):
        await accept_bank_statement_line(ctx, line.id)
    again = await get_bank_statement_line(ctx, line.id)
    assert (again.state, again.version, again.suggestions[0].customer_id) == ("proposed", 2, other.id)
    await reverse_payment(ctx, payment.id, reason="recorded_by_mistake", reversed_on=date(2026, 1, 5))
    with pytest.raises(Conflict, match="suggestion_outdated"):
        await accept_bank_statement_line(ctx, line.id)
    tie = await get_bank_statement_line(ctx, line.id)
    assert (tie.state, tie.version) == ("ambiguous", 3)
    with pytest.raises(Conflict, match="no_proposal"):
        await accept_bank_statement_line(ctx, line.id)
    wish = AllocationWish(receivable_id=second.id)
    await accept_bank_statement_line(ctx, line.id, customer_id=other.id, allocations=[wish], expected_version=3)
    assert [(await get_receivable(ctx, one.id)).status for one in (first, second)] == ["open", "paid"]


async def test_a_number_that_many_share_names_none_of_them(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for n in range(20):
        await a_receivable(ctx, customer, number="RENT-01", amount=cny(100 + n))
    assert (await a_line(ctx, "RENT-01", "105.00")).state == "proposed"
    await a_receivable(ctx, customer, number="RENT-01", amount=cny(105))
    line = await a_line(ctx, "RENT 01", "105.00")
    assert line.state == "ambiguous"
    assert {one.confidence for one in line.suggestions} == {"possible"}


async def test_a_number_within_another_that_is_owed_in_another_currency_is_not_proposed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, number="INV-2026-00199", amount=cny(1000))
    eur = Money(Decimal(1000), "EUR")
    await a_receivable(ctx, customer, number="2026-00199", amount=eur)
    await uploaded(ctx, camt(_ENTRY_OF_199, closing="1100.00"), "camt053")
    (line,) = await lines_of(ctx)
    assert (line.amount, line.state) == (eur, "unmatched")


async def test_an_external_id_is_found_as_written_in_capitals_or_full_width(ctx: Context) -> None:
    await a_receivable(ctx, await a_customer(ctx), number="N-1", external_id="crm_77-B")
    await a_receivable(ctx, await a_customer(ctx, name="Other"), number="N-2", external_id="CRM-88")
    for text in ("paid crm_77-B.", "ｃｒｍ_７７-Ｂ", "crm-88", "x (CRM-88)"):
        line = await a_line(ctx, text)
        assert (text, line.state, line.suggestions[0].reasons[0].code) == (text, "proposed", "reference_is_external_id")
    assert (await a_line(ctx, "xcrm_77-B crm_77-BB")).suggestions[0].confidence == "possible"


@pytest.mark.parametrize("dies_in", ["between", "within"])
async def test_a_killed_accepting_goes_on_and_pays_nothing_twice(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    operation = await _accepting(ctx, lines=5)
    claimed = await operations.claim(ctx, operation.id)
    assert claimed is not None
    advance, advanced = operations.advance, 0

    async def dying(*arguments: Any) -> None:
        nonlocal advanced
        advanced += 1
        if dies_in == "within" and advanced == 3:
            raise Killed
        await advance(*arguments)

    decide, decided = accepting._one, 0

    async def deciding(*arguments: Any) -> Any:
        nonlocal decided
        decided += 1
        if dies_in == "between" and decided == 3:
            raise Killed
        return await decide(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(operations, "advance", dying)
        patched.setattr(accepting, "_one", deciding)
        with pytest.raises(Killed):
            await run_accepting(ctx, claimed)
    assert await count(ctx, "payments") == 2
    assert (await get_operation(ctx, operation.id)).progress.created == 2
    await lease_runs_out(ctx, operation)
    successor = await operations.claim(ctx, operation.id)
    assert successor is not None
    await run_accepting(ctx, successor)
    await run_accepting(ctx, claimed)
    done = await get_operation(ctx, operation.id)
    assert (done.state, done.result, done.progress.processed) == ("succeeded", {"accepted": 5, "failed": 0}, 5)
    assert await errors_of(ctx, done) == []
    assert await count(ctx, "payments") == len(await events_of(ctx, "bank_statement_line.accepted")) == 5


async def test_two_operations_on_one_statement_pay_nothing_twice(ctx: Context) -> None:
    started = [await _accepting(ctx, lines=4)]
    started.append(await accept_proposed_lines(ctx, (await lines_of(ctx))[0].statement_id))
    claims = [await operations.claim(ctx, operation.id) for operation in started]
    await asyncio.gather(*(run_accepting(ctx, claimed) for claimed in claims if claimed is not None))
    done = [await get_operation(ctx, operation.id) for operation in started]
    assert {one.state for one in done} == {"succeeded"}
    assert sum(one.result["accepted"] for one in done) == await count(ctx, "payments") == 4


async def _accepting(ctx: Context, lines: int) -> Operation:
    """The operation that accepts a statement of so many proposed lines."""
    customer = await a_customer(ctx)
    for n in range(lines):
        await a_receivable(ctx, customer, number=f"INV-800{n}")
    await uploaded(ctx, HEAD + "".join(f"2026-01-05,1000.00,INV-800{n}\n" for n in range(lines)))
    return await accept_proposed_lines(ctx, (await lines_of(ctx))[0].statement_id)


_RETURNS = """:20:S
:25:1
:28C:1
:60F:C260101CNY0,00
:61:2601050105RD100,00NRTINONREF//BANK2
:86:159?00RETOURE?20SVWZ+INV-7
:61:2601050105RC1000,00NRTINONREF//BANK3
:86:159?00RETOURE?20SVWZ+INV-7
:62F:D260105CNY900,00
-
"""
_ENTRY_OF_199 = (
    '<Ntry><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-05</Dt></BookgDt>'
    "<NtryDtls><TxDtls><RmtInf><Ustrd>INV-2026-00199</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)
