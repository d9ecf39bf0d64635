"""Random histories of money coming, moving and going back: the ledger adds up after every step."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest
from domain.ledger.charge_model import ChargeComponent
from domain.ledger.charges import add_charge, waive_charge
from domain.ledger.credit_notes import cancel_credit_note, issue_credit_note, list_credit_notes
from domain.ledger.model import AllocationPolicy, Payment
from domain.ledger.payment_changes import allocate_payment, refund_payment, remove_allocation, reverse_payment
from domain.ledger.payments import list_payments
from domain.ledger.rules.payment_terms import Discount, DueRule, PaymentTerms, TermPart, discount_amount
from domain.ledger.rules.standing import status_of
from domain.ledger.write_offs import reverse_write_off, write_off_receivable
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_ledger import a_payment, a_receivable, cny

DAY = date(2026, 1, 5)
CHARGED: list[ChargeComponent] = ["interest", "fee", "cost"]
POLICIES: list[AllocationPolicy] = ["oldest_due_first", "largest_first", "pro_rata"]
# So large that random amounts earn it often; it is offered until the 11th, and money comes from the 5th to the 17th.
HALF = PaymentTerms(parts=(TermPart(due=DueRule(days=30)),), discount=Discount(rate=Decimal("0.5"), days=10))
cents = st.integers(1, 200_000).map(lambda n: Decimal(n).scaleb(-2))


KINDS = [
    *("invoice", "invoice", "offer", "pay", "pay", "pay", "allocate", "remove", "refund", "reverse"),
    *("give_up", "take_back", "credit", "uncredit", "charge", "waive"),
]


@dataclass(frozen=True)
class Step:
    """One thing that happens; `pick` chooses which payment or allocation among those there are."""

    kind: str
    amount: Decimal
    pick: int
    policy: AllocationPolicy


steps = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    amount=cents,
    pick=st.integers(0, 50),
    policy=st.sampled_from(POLICIES),
)
histories = st.lists(steps, min_size=1, max_size=25)
quiet = settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@quiet
@given(history=histories)
async def test_the_ledger_adds_up_after_every_step(ctx: Context, history: list[Step]) -> None:
    customer = await a_customer(ctx)
    for step in history:
        await _take(ctx, customer, step)
        await _check(ctx, customer)


@quiet
@given(history=histories)
async def test_undoing_every_payment_leaves_everything_open_again(ctx: Context, history: list[Step]) -> None:
    customer = await a_customer(ctx)
    for step in history:
        if step.kind not in ("refund", "give_up", "credit"):
            await _take(ctx, customer, step)
    for payment in await _payments(ctx, customer):
        if payment.state == "recorded":
            await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=payment.received_on)
    asked = "select amount + charged_amount as owed, open_amount, status from receivables where customer_id = $1"
    rows = await _rows(ctx, asked, customer)
    assert all(row["owed"] == row["open_amount"] and row["status"] == "open" for row in rows)
    await _check(ctx, customer)


@quiet
@given(history=histories, last=steps)
async def test_undoing_the_last_payment_returns_to_the_state_before(
    ctx: Context, history: list[Step], last: Step
) -> None:
    customer = await a_customer(ctx)
    for step in history:
        await _take(ctx, customer, step)
    asked = (
        "select id, open_amount, open_interest, open_fee, open_cost, written_off_amount, discount_taken_amount, status"
        " from receivables where customer_id = $1 order by id"
    )
    before = await _rows(ctx, asked, customer)
    payment = await a_payment(ctx, customer, str(last.amount), policy=last.policy, received_on=_received_on(last))
    for allocation in payment.allocations[:1]:
        await remove_allocation(ctx, payment.id, allocation.id)
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=_received_on(last))
    assert await _rows(ctx, asked, customer) == before


@settings(quiet, max_examples=8)
@given(history=st.lists(steps, min_size=10, max_size=40))
async def test_many_at_once_never_over_settle(ctx: Context, history: list[Step]) -> None:
    customer = await a_customer(ctx)
    for n in range(4):
        due = {"due_on": None, "payment_terms": HALF} if n % 2 else {"due_on": DAY + timedelta(days=n)}
        await a_receivable(ctx, customer, amount=cny(1500), **due)
        await a_payment(ctx, customer, 700)
    for start in range(0, len(history), 8):
        await asyncio.gather(*(_take(ctx, customer, step) for step in history[start : start + 8]))
        await _check(ctx, customer)


async def _take(ctx: Context, customer: Customer, step: Step) -> None:
    """A step; what the state of things does not allow is refused as a Conflict and changes nothing."""
    if step.kind == "invoice":
        await a_receivable(ctx, customer, amount=cny(str(step.amount)), due_on=DAY + timedelta(days=step.pick))
        return
    if step.kind == "offer":
        await a_receivable(ctx, customer, amount=cny(str(step.amount)), due_on=None, payment_terms=HALF)
        return
    if step.kind == "pay":
        await a_payment(ctx, customer, str(step.amount), policy=step.policy, received_on=_received_on(step))
        return
    if step.kind in ("charge", "waive"):
        await _charge(ctx, customer, step)
        return
    if step.kind in ("credit", "uncredit"):
        await _credit(ctx, customer, step)
        return
    if step.kind in ("give_up", "take_back"):
        await _give_up(ctx, customer, step)
        return
    payments = await _payments(ctx, customer)
    if not payments:
        return
    payment = payments[step.pick % len(payments)]
    with suppress(
        Conflict, NotFound
    ):  # which ones are refused is told in test_payment_changes; some have just been undone
        await _move(ctx, payment, step)


def _received_on(step: Step) -> date:
    return DAY + timedelta(days=step.pick // 4)


async def _charge(ctx: Context, customer: Customer, step: Step) -> None:
    ids = [
        row["id"] for row in await _rows(ctx, "select id from receivables where customer_id = $1 order by id", customer)
    ]
    if step.kind == "charge" and ids:
        component = CHARGED[step.pick % len(CHARGED)]
        amount = cny(str(step.amount))
        await add_charge(ctx, ids[step.pick % len(ids)], component=component, amount=amount, reason="late")
    charges = [
        row["id"] for row in await _rows(ctx, "select id from charges where customer_id = $1 order by id", customer)
    ]
    if step.kind == "waive" and charges:
        with suppress(Conflict):  # settled
            await waive_charge(ctx, charges[step.pick % len(charges)], reason="goodwill")


async def _credit(ctx: Context, customer: Customer, step: Step) -> None:
    if step.kind == "credit":
        await issue_credit_note(
            ctx,
            customer_id=customer.id,
            number="CN-1",
            amount=cny(str(step.amount)),
            issued_on=DAY,
            reason="other",
            policy=step.policy,
        )
        return
    notes = (await list_credit_notes(ctx, PageRequest(limit=200), customer_id=customer.id)).items
    if notes:
        with suppress(Conflict):  # cancelled before
            await cancel_credit_note(ctx, notes[step.pick % len(notes)].id)


async def _give_up(ctx: Context, customer: Customer, step: Step) -> None:
    table = (
        "receivables where open_amount > 0 and"
        if step.kind == "give_up"
        else "write_offs where state = 'effective' and"
    )
    ids = [row["id"] for row in await _rows(ctx, f"select id from {table} customer_id = $1 order by id", customer)]
    if not ids:
        return
    chosen = ids[step.pick % len(ids)]
    with suppress(Conflict):  # somebody was faster
        if step.kind == "give_up":
            await write_off_receivable(ctx, chosen, reason="uncollectible")
        else:
            await reverse_write_off(ctx, chosen)


async def _move(ctx: Context, payment: Payment, step: Step) -> None:
    match step.kind:
        case "allocate":
            await allocate_payment(ctx, payment.id, policy=step.policy)
        case "remove":
            if payment.allocations:
                allocation = payment.allocations[step.pick % len(payment.allocations)]
                await _remove(ctx, payment.id, allocation.id)
        case "refund":
            await refund_payment(ctx, payment.id, amount=cny(str(step.amount)), refunded_on=DAY)
        case _:
            await reverse_payment(ctx, payment.id, reason="charged_back", reversed_on=payment.received_on)


async def _remove(ctx: Context, payment_id: str, allocation_id: str) -> None:
    from_now = {a.id for p in (await list_payments(ctx, PageRequest(limit=200))).items for a in p.allocations}
    if allocation_id in from_now:
        await remove_allocation(ctx, payment_id, allocation_id)


async def _payments(ctx: Context, customer: Customer) -> list[Payment]:
    return (await list_payments(ctx, PageRequest(limit=200), customer_id=customer.id)).items


async def _check(ctx: Context, customer: Customer) -> None:
    receivables = await _rows(
        ctx,
        "select r.amount, r.charged_amount, r.open_amount, r.written_off_amount, r.status, r.open_interest, r.open_fee, r.open_cost,"
        " r.discount_taken_amount, (select coalesce(-sum(e.amount), 0) from entries e where e.tenant_id = r.tenant_id"
        " and e.receivable_id = r.id and e.kind in ('discount', 'discount_reversal')) as discounted,"
        " (select coalesce(-sum(e.amount), 0) from entries e join allocations a on a.id = e.allocation_id"
        " join payments p on p.id = a.payment_id where e.tenant_id = r.tenant_id and e.receivable_id = r.id"
        " and e.component = 'principal' and e.kind like 'allocation%' and p.received_on <= '2026-01-11') as in_time,"
        " (select jsonb_object_agg(component, total) from (select component, sum(amount) as total from entries e"
        " where e.tenant_id = r.tenant_id and e.receivable_id = r.id group by component) s)::text as parts,"
        " (select sum(e.amount) from entries e"
        " where e.tenant_id = r.tenant_id and e.receivable_id = r.id) as entered from receivables r where customer_id = $1",
        customer,
    )
    for row in receivables:
        owed = row["amount"] + row["charged_amount"]
        assert 0 <= row["open_amount"] == row["entered"] <= owed
        parts = msgspec.json.decode(row["parts"], type=dict[str, Decimal])
        for component in CHARGED:
            assert row[f"open_{component}"] == parts.get(component, 0) >= 0
        assert parts["principal"] >= 0
        assert row["discount_taken_amount"] == row["discounted"] >= 0
        if row["discounted"]:
            saved = discount_amount(Discount(rate=Decimal("0.5"), days=10), cny(str(row["amount"]))).amount
            assert row["discounted"] <= saved
            assert row["in_time"] >= row["amount"] - saved
        assert row["status"] == status_of(owed, row["open_amount"], row["written_off_amount"])
    settled = Decimal(0)
    for note in (await list_credit_notes(ctx, PageRequest(limit=200), customer_id=customer.id)).items:
        lowered = sum((a.amount.amount for a in note.allocations), Decimal(0))
        settled += lowered
        assert lowered + note.unapplied_amount.amount == (note.amount.amount if note.state == "issued" else 0)
    for payment in await _payments(ctx, customer):
        allocated = sum((a.amount.amount for a in payment.allocations), Decimal(0))
        settled += allocated
        told = allocated + payment.unapplied_amount.amount + payment.refunded_amount.amount
        assert told == (payment.amount.amount if payment.state == "recorded" else 0)
    assert settled == sum(
        (
            row["amount"] + row["charged_amount"] - row["open_amount"] - row["written_off_amount"] - row["discounted"]
            for row in receivables
        ),
        Decimal(0),
    )


async def _rows(ctx: Context, query: str, customer: Customer) -> list[Any]:
    async with reading(ctx) as tx:
        return await tx.fetch(query, customer.id)
