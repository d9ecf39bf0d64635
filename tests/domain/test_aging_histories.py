"""Random histories with dates of all kinds: aging is the sum of what was open on each day, added up anew from entries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.model import Customer
from domain.insight.aging import get_receivable_balance, list_aging, list_aging_receivables
from domain.insight.model import Aging, AgingFilter
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.paging import PageRequest
from domain.ledger.charge_model import ChargeComponent
from domain.ledger.charges import add_charge, waive_charge
from domain.ledger.credit_notes import allocate_credit_note, cancel_credit_note, issue_credit_note
from domain.ledger.delivering import record_delivery
from domain.ledger.dispute_model import DisputeOutcome
from domain.ledger.disputes import get_dispute, open_dispute, resolve_dispute
from domain.ledger.in_parts import create_receivables_in_parts
from domain.ledger.model import AllocationWish
from domain.ledger.payment_changes import allocate_payment, refund_payment, remove_allocation, reverse_payment
from domain.ledger.payments import get_payment
from domain.ledger.rules.delivery import Delivery
from domain.ledger.rules.payment_terms import DueRule, PaymentTerms, TermPart
from domain.ledger.write_offs import cancel_receivable, reverse_write_off, write_off_receivable
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_ledger import TWO_TEN, a_payment, a_receivable, cny, standing_at

FIRST = date(2026, 1, 5)
CHARGED: list[ChargeComponent] = ["interest", "fee", "cost"]
_DUE = (
    "select id, case when due_on_is_provisional then date '9999-12-31' else due_on end as due_on, open_amount"
    " from receivables where customer_id = $1"
)
SETTLING = ("allocation", "allocation_reversal", "credit", "credit_reversal")
KINDS = [
    *("invoice", "invoice", "early", "pay", "pay", "allocate", "remove", "refund", "reverse", "cancel"),
    *("write_off", "recover", "credit", "credit_more", "uncredit", "charge", "waive"),
    *("waiting", "parts", "deliver", "deliver", "dispute", "dispute", "resolve"),
]
TABLES = {
    **dict.fromkeys(("allocate", "remove", "refund", "reverse"), "payments"),
    **dict.fromkeys(("charge", "write_off", "cancel", "deliver", "dispute"), "receivables"),
    **dict.fromkeys(("credit_more", "uncredit"), "credit_notes"),
    "recover": "write_offs",
    "waive": "charges",
    "resolve": "disputes",
}
ON_RECEIPT = replace(TWO_TEN, anchor="received_on")
THIRDS = PaymentTerms(parts=tuple(TermPart(due=DueRule(days=days)) for days in (0, 10, 20)), anchor="received_on")
OUTCOMES: list[DisputeOutcome] = ["accepted", "partially_accepted", "rejected"]


@dataclass(frozen=True)
class Step:
    """One thing that happens `after` days after the one before, dated `shift` days from then."""

    kind: str
    amount: Decimal
    after: int
    shift: int
    pick: int


steps = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    amount=st.integers(1, 100_000).map(lambda n: Decimal(n).scaleb(-2)),
    after=st.integers(0, 3),
    shift=st.integers(-8, 4),
    pick=st.integers(0, 50),
)


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(steps, min_size=3, max_size=22))
async def test_aging_of_every_day_is_what_the_entries_say(ctx: Context, history: list[Step]) -> None:
    customers = [await a_customer(ctx), await a_customer(ctx)]
    day = FIRST
    for step in history:
        day += timedelta(days=step.after)
        at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        with suppress(Conflict, InvalidInput):  # what the state of things does not allow changes nothing
            await _take(standing_at(ctx, at), customers[step.pick % 2], step, day + timedelta(days=step.shift))
    for offset in range(-10, 90, 3):
        for customer in customers:
            await _check(ctx, customer, FIRST + timedelta(days=offset))
    await _compare_with_columns(ctx, customers)


async def _take(ctx: Context, customer: Customer, step: Step, dated: date) -> None:
    money = cny(str(step.amount))
    match step.kind:
        case "invoice":
            due_on = dated + timedelta(days=step.pick)
            await a_receivable(ctx, customer, amount=money, issued_on=dated, due_on=due_on)
        case "early":
            made = await a_receivable(ctx, customer, amount=money, issued_on=dated, due_on=None, payment_terms=TWO_TEN)
            assert made.discount is not None
            enough = str((made.amount - made.discount.amount).amount)
            wish = AllocationWish(receivable_id=made.id, amount=enough)
            await a_payment(
                ctx, customer, enough, received_on=dated + timedelta(days=step.pick % 9), allocations=[wish]
            )
        case "waiting":
            await a_receivable(ctx, customer, amount=money, issued_on=dated, due_on=None, payment_terms=ON_RECEIPT)
        case "parts":
            terms = {"number": "P", "amount": money, "issued_on": dated, "payment_terms": THIRDS}
            await create_receivables_in_parts(ctx, customer_id=customer.id, **terms)  # type: ignore[arg-type]
        case "pay":
            await a_payment(ctx, customer, str(step.amount), received_on=dated)
        case "credit":
            await issue_credit_note(
                ctx, customer_id=customer.id, number="CN", amount=money, issued_on=dated, reason="other"
            )
        case _:
            table = TABLES[step.kind]
            ids = [
                r["id"]
                for r in await _rows(ctx, f"select id from {table} where customer_id = $1 order by id", customer.id)
            ]
            if ids:
                await _change(ctx, ids[step.pick % len(ids)], step, dated)


async def _change(ctx: Context, which: str, step: Step, dated: date) -> None:
    if step.kind == "remove":
        for allocation in (await get_payment(ctx, which)).allocations[:1]:
            await remove_allocation(ctx, which, allocation.id)
        return
    if step.kind == "resolve":
        await _resolve(ctx, which, OUTCOMES[step.pick % 3])
        return
    money = cny(str(step.amount))
    component = CHARGED[step.pick % 3]
    delivery = Delivery(received_on=dated) if step.pick % 4 else Delivery()
    changes: dict[str, Callable[[], Awaitable[Any]]] = {
        "allocate": lambda: allocate_payment(ctx, which),
        "refund": lambda: refund_payment(ctx, which, amount=money, refunded_on=dated),
        "reverse": lambda: reverse_payment(ctx, which, reason="bounced", reversed_on=dated),
        "charge": lambda: add_charge(ctx, which, component=component, amount=money, reason="late", effective_on=dated),
        "waive": lambda: waive_charge(ctx, which, reason="goodwill"),
        "write_off": lambda: write_off_receivable(ctx, which, reason="uncollectible", effective_on=dated),
        "recover": lambda: reverse_write_off(ctx, which),
        "cancel": lambda: cancel_receivable(ctx, which, reason="twice"),
        "credit_more": lambda: allocate_credit_note(ctx, which),
        "uncredit": lambda: cancel_credit_note(ctx, which),
        "deliver": lambda: record_delivery(ctx, which, delivery),
        "dispute": lambda: open_dispute(ctx, which, amount=money if step.pick % 2 else None, reason="price"),
    }
    await changes[step.kind]()


async def _resolve(ctx: Context, which: str, outcome: DisputeOutcome) -> None:
    half = None
    if outcome == "partially_accepted":
        half = cny(str(((await get_dispute(ctx, which)).amount.amount / 2).quantize(Decimal("0.01"))))
    is_right = outcome != "rejected"
    await resolve_dispute(ctx, which, outcome=outcome, accepted_amount=half, issue_credit=is_right)


async def _check(ctx: Context, customer: Customer, day: date) -> None:
    opened, ahead = await _open_and_ahead(ctx, customer, day)
    unapplied = ahead + await _unapplied(ctx, customer, day)
    rows = await _aged(ctx, day, customer)
    shown = (
        await list_aging_receivables(
            ctx, PageRequest(limit=200), as_of=day, wanted=AgingFilter(customer_id=customer.id)
        )
    ).items
    assert {row.receivable_id: row.open_amount.amount for row in shown} == {
        receivable: amount for receivable, (amount, _) in opened.items()
    }
    if not opened and not unapplied:
        assert rows == []
        return
    (row,) = rows
    assert row.unapplied_amount.amount == unapplied
    assert row.open_amount.amount == sum((amount for amount, _ in opened.values()), Decimal(0))
    assert row.receivable_count == len(opened)
    contested = await _contested(ctx, customer, day)
    disputed = {one: min(contested[one], amount) for one, (amount, _) in opened.items() if one in contested}
    assert row.disputed_amount.amount == sum(disputed.values(), Decimal(0))
    assert {one.receivable_id: one.disputed_amount.amount for one in shown if one.disputed_amount} == disputed
    current = sum((amount for amount, due_on in opened.values() if due_on >= day), Decimal(0))
    assert row.current_amount.amount == current
    for bucket in row.buckets:
        last = bucket.days_to or 10**6
        within = [amount for amount, due_on in opened.values() if bucket.days_from <= (day - due_on).days <= last]
        assert (bucket.amount.amount, bucket.receivable_count) == (sum(within, Decimal(0)), len(within))
    for receivable, (amount, _) in opened.items():
        balance = await get_receivable_balance(ctx, receivable, as_of=day)
        assert balance.open_amount.amount == balance.open_parts.bare.total == amount
        assert all(part > 0 for _, part in balance.open_parts.bare.items())


async def _contested(ctx: Context, customer: Customer, day: date) -> dict[str, Decimal]:
    """What disputes that were not resolved at the end of the day contested, by receivable."""
    found: dict[str, Decimal] = {}
    for dispute in await _rows(ctx, "select * from disputes where customer_id = $1", customer.id):
        if dispute["opened_on"] <= day < (dispute["resolved_on"] or date.max):
            found[dispute["receivable_id"]] = found.get(dispute["receivable_id"], Decimal(0)) + dispute["amount"]
    return found


async def _open_and_ahead(
    ctx: Context, customer: Customer, day: date
) -> tuple[dict[str, tuple[Decimal, date]], Decimal]:
    """What of each receivable was open, with its due date, and what was settled before there was anything to settle.

    A provisional due date is a day that never comes.
    """
    opened: dict[str, tuple[Decimal, date]] = {}
    ahead = Decimal(0)
    for receivable in await _rows(ctx, _DUE, customer.id):
        entries = await _rows(ctx, "select * from entries where receivable_id = $1", receivable["id"])
        assert receivable["open_amount"] == sum(entry["amount"] for entry in entries) >= 0
        until = [entry for entry in entries if entry["effective_on"] <= day]
        settled = -sum((entry["amount"] for entry in until if entry["kind"] in SETTLING), Decimal(0))
        balance = sum((entry["amount"] for entry in until), Decimal(0))
        assert settled >= 0
        if not any(entry["kind"] == "invoiced" for entry in until):
            ahead += settled
        elif balance > 0:
            opened[receivable["id"]] = (balance, receivable["due_on"])
        else:
            ahead += min(-balance, settled)
    return opened, ahead


async def _unapplied(ctx: Context, customer: Customer, day: date) -> Decimal:
    """What payments and credit notes had not settled by the dates of their own and of the entries of their allocations."""
    found = Decimal(0)
    for settlement in await _rows(
        ctx,
        "select id, amount, received_on as from_on, reversed_on as until_on from payments where customer_id = $1"
        " union all select id, amount, issued_on, cancelled_on from credit_notes where customer_id = $1",
        customer.id,
    ):
        if settlement["from_on"] > day or (settlement["until_on"] or date.max) <= day:
            continue
        moved = await _rows(
            ctx,
            "select e.amount, e.effective_on as on_day from entries e join allocations a on a.id = e.allocation_id"
            " where $1 in (a.payment_id, a.credit_note_id)"
            " union all select -amount, refunded_on from refunds where payment_id = $1",
            settlement["id"],
        )
        applied = sum((row["amount"] for row in moved if row["on_day"] <= day), Decimal(0))
        # A refund that is dated before the money came free again leaves less than nothing for a while.
        found += max(settlement["amount"] + applied, Decimal(0))
    return found


async def _compare_with_columns(ctx: Context, customers: list[Customer]) -> None:
    """After everything that is dated the columns are the answer."""
    for customer in customers:
        (columns,) = await _rows(
            ctx,
            "select (select coalesce(sum(open_amount), 0) from receivables where customer_id = $1) as open,"
            " (select coalesce(sum(unapplied_amount), 0) from payments where customer_id = $1)"
            " + (select coalesce(sum(unapplied_amount), 0) from credit_notes where customer_id = $1) as unapplied",
            customer.id,
        )
        rows = await _aged(ctx, FIRST + timedelta(days=200), customer)
        shown = [(row.open_amount.amount, row.unapplied_amount.amount) for row in rows] or [(Decimal(0), Decimal(0))]
        assert shown == [(columns["open"], columns["unapplied"])]


async def _aged(ctx: Context, day: date, customer: Customer) -> list[Aging]:
    asked: dict[str, Any] = {"as_of": day, "group_by": "customer", "customer_id": customer.id}
    return (await list_aging(ctx, PageRequest(), **asked)).items


async def _rows(ctx: Context, query: str, which: str) -> list[Any]:
    async with reading(ctx) as tx:
        return await tx.fetch(query, which)
