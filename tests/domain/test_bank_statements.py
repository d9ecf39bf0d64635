"""Bank statements: read once, matched with reasons, and accepted exactly once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.banking import reading as bank_reading
from domain.banking.accepting import accept_proposed_lines, run_accepting
from domain.banking.deciding import accept_bank_statement_line, ignore_bank_statement_line
from domain.banking.reading import run_reading
from domain.banking.statements import get_bank_statement_line, list_bank_statements
from domain.banking.uploading import upload_bank_statement
from domain.kernel.context import Context
from domain.kernel.errors import Conflict
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import Scope
from domain.ledger.model import AllocationWish
from domain.ledger.payments import list_payments
from domain.ledger.receivables import get_receivable
from domain.operations import work as operations
from domain.operations.operations import get_operation
from tests.bank_files import CAMT, MT940, camt
from tests.factories import a_customer, tenant_context
from tests.factories_banking import a_line, lines_of, read_by_worker, uploaded
from tests.factories_ledger import (
    TWO_TEN,
    a_payment,
    a_receivable,
    cny,
    count,
    errors_of,
    events_of,
    lease_runs_out,
    pieces,
)


def codes(line: Any) -> list[str]:
    return [reason.code for reason in line.suggestions[0].reasons]


async def test_exact_reference_and_amount_propose_one_which_becomes_a_payment_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer, number="INV-2026-001")
    await a_receivable(ctx, customer, number="INV-2026-0011")
    line = await a_line(
        ctx, "inv 2026/001 thanks", counterparty_name="LANHAI TRADING", counterparty_account="6222020000"
    )
    assert line.state == "proposed"
    assert codes(line) == ["reference_in_remittance", "amount_equals_open_amount", "name_matches"]
    accepted = await accept_bank_statement_line(ctx, line.id)
    assert await accept_bank_statement_line(ctx, line.id) == accepted
    assert (accepted.state, accepted.version) == ("accepted", 2)
    assert (await get_receivable(ctx, receivable.id)).status == "paid"
    (payment,) = (await list_payments(ctx, PageRequest())).items
    assert (payment.id, payment.external_id, payment.amount) == (accepted.payment_id, f"bank:{line.id}", cny(1000))
    assert [event.type for event in await events_of(ctx, "payment.recorded", "bank_statement_line.accepted")] == [
        "payment.recorded",
        "bank_statement_line.accepted",
    ]
    again = await a_line(ctx, "no reference", counterparty_account="6222 0200 00")
    assert (again.state, codes(again)) == ("unmatched", ["payer_known", "amount_equals_open_amount"])


async def test_ties_never_decide_by_themselves(ctx: Context) -> None:
    for name in ("One", "Two"):
        await a_receivable(ctx, await a_customer(ctx, name=name), number="INV-5000")
    line = await a_line(ctx, "INV-5000")
    assert (line.state, len(line.suggestions)) == ("ambiguous", 2)
    with pytest.raises(Conflict, match="no_proposal"):
        await accept_bank_statement_line(ctx, line.id)
    assert (await a_line(ctx, "nothing", "1000.00")).state == "ambiguous"
    assert (await a_line(ctx, "nothing", "77.00")).state == "unmatched"


async def test_sums_discounts_and_other_amounts_have_their_reasons(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, number="SUM-1", amount=cny(10))
    await a_receivable(ctx, customer, number="SUM-2", amount=cny(20))
    await a_receivable(ctx, customer, number="EARLY-1", payment_terms=TWO_TEN)
    line = await a_line(ctx, "SUM-1 + SUM-2", "30.00")
    assert (line.state, codes(line)[-1], len(line.suggestions[0].allocations)) == ("proposed", "amount_equals_sum", 2)
    early = await a_line(ctx, "EARLY-1", "980.00")
    assert (early.state, codes(early)[-1]) == ("proposed", "amount_equals_discounted_amount")
    part = await a_line(ctx, "EARLY-1", "500.00")
    assert (part.state, codes(part)[-1]) == ("unmatched", "amount_differs")
    accepted = await accept_bank_statement_line(ctx, early.id)
    assert (await get_receivable(ctx, early.suggestions[0].allocations[0].receivable_id)).status == "paid"
    assert accepted.state == "accepted"


async def test_a_proposal_that_does_not_hold_any_more_is_refused_and_matched_again(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer, number="INV-9000")
    line = await a_line(ctx, "INV-9000")
    await a_payment(ctx, customer, 1, allocations=[AllocationWish(receivable_id=receivable.id)])
    with pytest.raises(Conflict, match="suggestion_outdated"):
        await accept_bank_statement_line(ctx, line.id)
    again = await get_bank_statement_line(ctx, line.id)
    assert (again.state, again.version, codes(again)) == ("unmatched", 2, ["reference_in_remittance", "amount_differs"])
    mine = await accept_bank_statement_line(ctx, line.id, customer_id=customer.id)
    assert mine.state == "accepted"
    with pytest.raises(Conflict, match="line_already_decided"):
        await ignore_bank_statement_line(ctx, line.id, reason="other")


async def test_two_who_accept_at_once_record_one_payment(ctx: Context) -> None:
    await a_receivable(ctx, await a_customer(ctx), number="INV-7000")
    line = await a_line(ctx, "INV-7000")
    one, other = await asyncio.gather(*(accept_bank_statement_line(ctx, line.id) for _ in range(2)))
    assert one == other
    assert await count(ctx, "payments") == 1


async def test_a_payment_that_is_recorded_already_is_said_to_be(ctx: Context) -> None:
    await a_payment(ctx, await a_customer(ctx), 5, external_id="E2E-9")
    assert (await a_line(ctx, "x", "5.00", end_to_end_id="E2E-9")).state == "already_recorded"
    assert (await a_line(ctx, "y", "6.00", end_to_end_id="E2E-9")).state == "unmatched"


async def test_an_overlapping_statement_stores_nothing_twice(ctx: Context) -> None:
    head = "booked_on,amount,remittance\n"
    same = "2026-01-05,1.00,a\n" * 2
    first = await uploaded(ctx, head + same)
    assert (first.progress.created, first.result["duplicates"]) == (2, 0)
    second = await uploaded(ctx, head + same + "2026-01-06,-3.00,debit\n")
    assert (second.progress.created, second.result["duplicates"]) == (1, 2)
    debit = (await lines_of(ctx))[-1]
    assert (debit.state, debit.ignored_reason, debit.number) == ("ignored", "debit", 3)


async def test_mt940_and_camt_are_read_and_balances_compared(ctx: Context) -> None:
    for content, kind, states in (
        (MT940, "mt940", {"unmatched": 1, "ignored": 2}),
        (CAMT, "camt053", {"unmatched": 3}),
    ):
        done = await uploaded(ctx, content, kind)
        assert (done.state, done.result["states"], done.result["warnings"]) == ("succeeded", states, [])
    wrong = await uploaded(ctx, camt(closing="7.00"), "camt053")
    statement = (await list_bank_statements(ctx, PageRequest())).items[-1]
    assert wrong.result["warnings"] == [{"code": "balance_mismatch", "statement_id": statement.id}]
    assert statement.has_balance_mismatch


@pytest.mark.parametrize(
    ("content", "format", "code"),
    [
        (b"", "csv", "empty_file"),
        (b"", "mt940", "empty_file"),
        (b"", "camt053", "not_camt053"),
        (MT940.replace(":62F:", ":64:").encode(), "mt940", "truncated_statement"),
        (CAMT[:-20].encode(), "camt053", "malformed_xml"),
        (b"a,b\n1,2\n", "csv", "missing_column"),
        (b"booked_on,amount\n2026-01-05,1.00\n2026-02-30,1.00\n", "csv", "unparsable_date"),
        (b"x" * 300_000, "mt940", "malformed_tag"),
    ],
)
async def test_a_file_that_is_wrong_anywhere_leaves_nothing(
    ctx: Context, content: bytes, format: str, code: str
) -> None:
    done = await uploaded(ctx, content, format)
    assert (done.state, done.error and done.error.code) == ("failed", code)
    assert [error.code for error in await errors_of(ctx, done)] == [code]
    assert await count(ctx, "bank_statements") == await count(ctx, "bank_statement_lines") == 0
    assert await count(ctx, "operation_chunks") == 0


async def test_a_killed_reading_goes_on_exactly_where_it_was(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "booked_on,amount,remittance\n" + "".join(f"2026-01-05,{n % 9 + 1}.00,\n" for n in range(2500))
    operation = await upload_bank_statement(
        ctx, format="csv", chunks=pieces(content.encode()), mapping={"account": "1", "currency": "CNY"}
    )
    claimed = await operations.claim(ctx, operation.id)
    assert claimed is not None
    store, batches = bank_reading._Reading._store, 0

    async def dying(self: Any, *arguments: Any) -> None:
        nonlocal batches
        batches += 1
        if batches > 1:
            raise ConnectionAbortedError
        await store(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(bank_reading._Reading, "_store", dying)
        with pytest.raises(ConnectionAbortedError):
            await run_reading(ctx, claimed)
    assert await count(ctx, "bank_statement_lines") == 1000
    await lease_runs_out(ctx, operation)
    done = await read_by_worker(ctx, operation)
    assert (done.state, done.progress.processed, done.progress.created) == ("succeeded", 2500, 2500)
    assert await count(ctx, "bank_statement_lines") == 2500
    assert len(await events_of(ctx, "bank_statement.read")) == 1


async def test_accounts_of_payers_are_masked_without_pii_read(ctx: Context) -> None:
    line = await a_line(ctx, "x", "5.00", counterparty_account="DE02120300000000202051")
    assert line.counterparty_account == "DE02120300000000202051"
    other = await tenant_context(ctx.tenant_id, frozenset({Scope.PAYMENTS_READ}))
    assert (await get_bank_statement_line(other, line.id)).counterparty_account == "***2051"


async def test_all_proposed_lines_are_accepted_and_those_that_cannot_be_are_told(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for n in range(3):
        await a_receivable(ctx, customer, number=f"INV-800{n}")
    rows = ["INV-8000", "INV-8000", "nothing", "INV-8001", "INV-8002"]
    await uploaded(ctx, "booked_on,amount,remittance\n" + "".join(f"2026-01-05,1000.00,{row}\n" for row in rows))
    statement = (await lines_of(ctx))[0].statement_id
    operation = await accept_proposed_lines(ctx, statement)
    claimed = await operations.claim(ctx, operation.id)
    assert claimed is not None
    await run_accepting(ctx, claimed)
    done = await get_operation(ctx, operation.id)
    assert (done.state, done.result) == ("succeeded", {"accepted": 3, "failed": 1})
    assert [(error.line, error.code) for error in await errors_of(ctx, done)] == [(2, "suggestion_outdated")]
    assert await count(ctx, "payments") == 3
    await run_accepting(ctx, claimed)
    assert await count(ctx, "payments") == 3
