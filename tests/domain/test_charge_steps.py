"""Charges posted by steps of a plan on a real PostgreSQL: refused for a reason, together with the occurrence or not at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.dunning import occurrence_store
from domain.dunning.cases import case_timeline
from domain.dunning.engine import run_due_cases
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.charge_posting import ChargeResult, ChargeWish, post_charges
from domain.ledger.charge_rules import archive_charge_rule
from domain.ledger.charges import list_charges
from domain.ledger.disputes import open_dispute
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from domain.ledger.receivables import get_receivable
from domain.ledger.rules.payment_terms import DueRule, PaymentTerms, TermPart
from domain.ledger.write_offs import cancel_receivable
from domain.storage.transaction import transaction
from tests.factories import a_customer
from tests.factories_dunning import (
    a_case,
    a_debtor,
    a_fee,
    a_plan,
    a_receivable,
    a_thousandth_a_day,
    at,
    case_of,
    charge_step,
    drain,
    email_step,
    run_at,
    task_step,
)
from tests.factories_ledger import cny, count

FEE_DAY = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)


async def told(ctx: Context, receivable: Receivable) -> list[str]:
    past = (await case_timeline(ctx, (await case_of(ctx, receivable)).id)).past
    return [" ".join([o.step_key, o.outcome, *o.reasons]) for o in past]


async def test_a_charge_that_cannot_be_made_is_skipped_for_a_reason_and_stops_no_other(ctx: Context) -> None:
    good, archived = await a_fee(ctx), await a_fee(ctx)
    later, dollars = await a_fee(ctx, valid_from=date(2026, 2, 1)), await a_fee(ctx, currency="USD")
    steps = [
        charge_step("archived", 3, archived),
        charge_step("later", 3, later),
        charge_step("dollars", 3, dollars),
        charge_step("early", 0, good),
        charge_step("good", 3, good),
    ]
    await a_plan(ctx, steps=steps)
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    await drain(react, ctx)
    await archive_charge_rule(ctx, archived.id)
    ctx = await run_at(ctx, datetime(2026, 1, 10, 1, 0, tzinfo=UTC))
    ctx = await run_at(ctx, FEE_DAY)
    assert await told(ctx, receivable) == [
        "early skipped nothing_to_charge",
        "archived skipped charge_rule_archived",
        "later skipped charge_rule_not_valid",
        "dollars skipped no_charge_in_currency",
        "good done",
    ]
    assert (await get_receivable(ctx, receivable.id)).charged_amount == cny(40)


async def test_a_charge_without_end_is_skipped_and_the_rest_of_the_batch_is_charged(ctx: Context) -> None:
    usury = await a_thousandth_a_day(ctx)
    async with transaction(ctx) as tx:
        await tx.execute(
            "update charge_rules set terms = jsonb_set(terms, '{late_interest,rate}', '\"9999999999\"') where id = $1",
            usury.id,
        )
    await a_plan(ctx, steps=[charge_step("usury", 3, usury), charge_step("fee", 3, await a_fee(ctx))])
    receivable = await a_receivable(ctx, await a_debtor(ctx), amount=cny(999_999_999))
    ctx = await run_at(ctx, FEE_DAY)
    assert await told(ctx, receivable) == ["usury skipped amount_out_of_range", "fee done"]


async def test_a_covered_debt_is_not_charged_and_a_provisional_one_waits(ctx: Context) -> None:
    await a_plan(ctx, steps=[charge_step("fee", 3, await a_fee(ctx))])
    customer = await a_debtor(ctx)
    await record_payment(ctx, customer_id=customer.id, amount=cny(2000), received_on=date(2026, 1, 1))
    covered = await a_receivable(ctx, customer)
    terms = PaymentTerms(parts=(TermPart(due=DueRule(days=1)),), anchor="received_on")
    waiting = await a_receivable(ctx, await a_debtor(ctx), due_on=None, payment_terms=terms)
    ctx = await run_at(ctx, FEE_DAY)
    assert await told(ctx, covered) == ["fee held covered_by_unapplied_amount"]
    assert await told(ctx, waiting) == []
    assert await count(ctx, "charges") == 0


async def test_the_ledger_refuses_under_its_lock_what_changed_since_the_decision(ctx: Context) -> None:
    fee, interest = await a_fee(ctx), await a_thousandth_a_day(ctx)
    customer = await a_debtor(ctx)
    paid, disputed, cancelled, owed = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in range(4)]
    await open_dispute(ctx, disputed.id, reason="price")
    await cancel_receivable(ctx, cancelled.id, reason="twice")
    await record_payment(
        ctx,
        customer_id=customer.id,
        amount=paid.amount,
        received_on=date(2026, 1, 1),
    )
    ctx = await at(ctx, FEE_DAY)
    day = ctx.today()
    wishes = [ChargeWish(r.id, fee.id, day) for r in (paid, disputed, cancelled, owed, owed)]
    wishes += [
        ChargeWish(owed.id, interest.id, day),
        ChargeWish(owed.id, "crl_none", day),
        ChargeWish("no", fee.id, day),
    ]
    async with transaction(ctx):
        results = await post_charges(ctx, wishes)
    assert [result.refusal for result in results] == [
        "receivable_settled",
        "disputed",
        "receivable_cancelled",
        None,
        "nothing_to_charge",
        None,
        "charge_rule_not_found",
        "receivable_not_found",
    ]
    assert [r.open_amount for r in results if r.charge] == [cny(1339), cny("1342.90")]
    after = await get_receivable(ctx, owed.id)
    assert (after.open_amount, after.open_parts.fee, after.open_parts.interest) == (
        cny("1342.90"),
        cny(40),
        cny("3.90"),
    )
    assert after.version == owed.version + 2


async def test_if_anything_fails_after_the_charge_neither_it_nor_the_occurrence_remains(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_plan(ctx, steps=[charge_step("fee", 3, await a_fee(ctx)), task_step("call", 3)])
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    await drain(react, ctx)
    ctx = await at(ctx, FEE_DAY)
    charged: list[int] = []

    async def fails(*_: Any) -> None:
        charged.append(await count(ctx, "charges"))
        raise ConnectionError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(occurrence_store, "add", fails)
        with pytest.raises(ConnectionError):
            await run_due_cases(ctx)
    assert charged == [1]
    assert [await count(ctx, table) for table in ("charges", "occurrences", "tasks")] == [0, 0, 0]
    assert (await get_receivable(ctx, receivable.id)).open_amount == receivable.amount
    assert await run_due_cases(ctx) == 1
    assert [await count(ctx, table) for table in ("charges", "occurrences", "tasks")] == [1, 2, 1]


async def test_two_engines_and_a_paying_customer_at_once_never_charge_twice(ctx: Context) -> None:
    await a_plan(ctx, steps=[charge_step("fee", 3, await a_fee(ctx))])
    customer = await a_debtor(ctx)
    for n in range(40):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)
    ctx = await at(ctx, FEE_DAY)
    money = Money(Decimal(1299 * 5), "CNY")
    engines = [asyncio.create_task(drain(lambda c: run_due_cases(c, limit=7), ctx)) for _ in range(4)]
    paying = record_payment(ctx, customer_id=customer.id, amount=money, received_on=date(2026, 1, 13))
    await asyncio.gather(*engines, paying)
    charges = (await list_charges(ctx, PageRequest(limit=200))).items
    assert 35 <= len({charge.receivable_id for charge in charges}) == len(charges) <= 40


async def test_a_batch_that_charges_some_and_writes_about_others_does_not_deadlock_with_payments(ctx: Context) -> None:
    await a_plan(ctx, steps=[charge_step("fee", 3, await a_fee(ctx)), email_step("first", 5)])
    customer = await a_debtor(ctx)
    for n in range(60):
        await a_receivable(ctx, customer, number=f"INV-{n}", due_on=date(2026, 1, 8 + n % 2 * 2))
    await drain(react, ctx)
    ctx = await run_at(ctx, datetime(2026, 1, 11, 1, 0, tzinfo=UTC))
    ctx = await at(ctx, FEE_DAY)
    paying = [
        record_payment(ctx, customer_id=customer.id, amount=cny(1), received_on=date(2026, 1, 13)) for _ in range(20)
    ]
    decided, *paid = await asyncio.gather(run_due_cases(ctx), *paying, return_exceptions=True)
    assert decided == 60
    assert [one for one in paid if isinstance(one, BaseException)] == []
    assert await count(ctx, "charges") == 60
    assert await count(ctx, "notices") == 30


async def _statements(ctx: Context) -> list[str]:
    seen: list[str] = []
    async with transaction(ctx) as tx:
        with tx.connection.query_logger(lambda query: seen.append(query.query)):
            assert await run_due_cases(ctx)
    # The steps of a version never change, so they are read once in the life of a process.
    return [query for query in seen if "from plan_versions" not in query]


async def test_a_batch_of_charges_takes_a_constant_number_of_statements(ctx: Context) -> None:
    await a_plan(
        ctx, steps=[charge_step("fee", 3, await a_fee(ctx)), charge_step("late", 4, await a_thousandth_a_day(ctx))]
    )
    await a_case(ctx)
    ctx = await at(ctx, FEE_DAY)
    few = await _statements(ctx)
    for n in range(20):
        await a_receivable(ctx, await a_customer(ctx), number=f"INV-{n}")
    await drain(react, ctx)
    ctx = await at(ctx, datetime(2026, 1, 14, 1, 0, tzinfo=UTC))
    assert await _statements(ctx) == few
    assert await count(ctx, "charges") == 21 * 2


async def test_a_plan_that_charges_nothing_asks_the_ledger_nothing(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), task_step("call", 3)])
    await a_case(ctx)
    ctx = await at(ctx, FEE_DAY)

    async def never(*_: object) -> list[ChargeResult]:
        raise AssertionError("nothing is to be charged")

    monkeypatch.setattr("domain.dunning.charge_steps.post_charges", never)
    assert await run_due_cases(ctx) == 1
