"""Aging by grade, and that every grouping adds up to the same; all statements of one aging see one moment."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextvars import Context as Variables
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.customers import put_customer, update_customer
from domain.customers.model import Grade
from domain.insight import store
from domain.insight.aging import list_aging, list_aging_receivables
from domain.insight.base_currency import list_base_currency_aging
from domain.insight.model import Aging, AgingFilter, AgingGroup
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.rules.references import References
from domain.storage.transaction import snapshot, transaction
from tests.factories import a_customer
from tests.factories_access import a_collector
from tests.factories_ledger import a_payment, a_receivable, cny, events_of, imported

GROUPS: tuple[AgingGroup, ...] = get_args(AgingGroup)
CONTRACTS = [None, "C-1", "C 2"]
GRADES: list[Grade | None] = [None, *get_args(Grade)]


def of_contract(name: str | None) -> References:
    return References(contract_reference=name)


async def aged(ctx: Context, limit: int = 200, **asked: Any) -> list[Aging]:
    """All pages of an aging."""
    rows: list[Aging] = []
    after = None
    while True:
        page = await list_aging(ctx, PageRequest(limit=limit, after=after), **asked)
        rows += page.items
        if (after := page.next_key) is None:
            return rows


async def test_customers_are_grouped_by_grade_and_those_without_one_are_a_group(ctx: Context) -> None:
    good, bad, unknown = await a_customer(ctx, grade="A"), await a_customer(ctx, grade="E"), await a_customer(ctx)
    for customer, owed in ((good, 1), (bad, 2), (unknown, 4)):
        await a_receivable(ctx, customer, amount=cny(owed))
    await a_receivable(ctx, good, amount=Money(Decimal(7), "JPY"))
    await a_payment(ctx, await a_customer(ctx, grade="C"), 3)
    for limit in (1, 2, 200):
        rows = await aged(ctx, limit, group_by="grade")
        assert [(r.grade, r.currency, str(r.open_amount.amount), str(r.unapplied_amount.amount)) for r in rows] == [
            (None, "CNY", "4.00", "0.00"),
            ("A", "CNY", "1.00", "0.00"),
            ("A", "JPY", "7", "0"),
            ("C", "CNY", "0.00", "3.00"),
            ("E", "CNY", "2.00", "0.00"),
        ]
    found = (await list_aging_receivables(ctx, PageRequest(), wanted=AgingFilter(grade="A"))).items
    assert {row.customer_id for row in found} == {good.id}
    assert len(found) == 2


async def test_receivables_are_grouped_by_contract_and_money_belongs_to_none(ctx: Context) -> None:
    customer = await a_customer(ctx)
    names = ["框架合同 7", "a b/c%20", None]
    for owed, name in enumerate(names, start=1):
        await a_receivable(ctx, customer, amount=cny(owed), references=of_contract(name))
        await a_receivable(ctx, customer, amount=Money(Decimal(owed), "JPY"), references=of_contract(name))
    await a_payment(ctx, await a_customer(ctx), 9)
    expected = [(name, currency) for name in (None, "a b/c%20", "框架合同 7") for currency in ("CNY", "JPY")]
    for limit in (1, 2, 3, 200):
        for day in (None, date(2026, 1, 20)):
            rows = await aged(ctx, limit, group_by="contract", as_of=day)
            assert [(row.contract_reference, row.currency) for row in rows] == expected
            assert [str(row.unapplied_amount.amount) for row in rows[::2]] == ["9.00", "0.00", "0.00"]
    seen, after = [], None
    while True:
        page = await list_base_currency_aging(ctx, PageRequest(limit=1, after=after), group_by="contract")
        seen += [row.contract_reference for row in page.items]
        if (after := page.next_key) is None:
            break
    assert seen == [None, "a b/c%20", "框架合同 7"]
    found = (await list_aging_receivables(ctx, PageRequest(), wanted=AgingFilter(contract_reference="a b/c%20"))).items
    assert [str(row.open_amount.amount) for row in found] == ["2.00", "2"]


async def test_a_grade_is_told_changed_and_kept_by_feeding_systems(ctx: Context) -> None:
    customer = await put_customer(ctx, "c-1", name="Lanhai", grade="B")
    assert (await put_customer(ctx, "c-1", name="Lanhai")).grade == "B"
    assert (await update_customer(ctx, customer.id, {"grade": "D"})).grade == "D"
    (told,) = await events_of(ctx, "customer.updated")
    assert told.data["customer"]["grade"] == "D"
    assert (await put_customer(ctx, "c-1", name="Lanhai", grade=None)).grade is None
    with pytest.raises(InvalidInput) as refused:
        await update_customer(ctx, customer.id, {"grade": "F"})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/grade", "unknown_grade")]


async def test_a_file_of_customers_may_tell_grades(ctx: Context) -> None:
    first = "external_id,name,grade\nc-1,One,A\nc-2,Two,\nc-3,Three,Z\n"
    operation = await imported(ctx, first, kind="customers")
    assert (operation.progress.created, operation.progress.failed) == (2, 1)
    again = await imported(ctx, "external_id,name,grade\nc-1,One,\nc-2,Two,C\n", kind="customers")
    assert (again.progress.unchanged, again.progress.updated) == (1, 1)
    assert [(await put_customer(ctx, f"c-{n}", name=name)).grade for n, name in ((1, "One"), (2, "Two"))] == ["A", "C"]


debts = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["CNY", "EUR", "JPY"]),
        st.integers(1, 5000),
        st.integers(-60, 120),
        st.sampled_from(["receivable", "payment"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(owed=debts, day=st.sampled_from([None, date(2026, 1, 1), date(2026, 1, 4), date(2026, 2, 1)]))
async def test_every_grouping_adds_up_to_what_each_currency_comes_to(
    ctx: Context, owed: list[tuple[int, str, int, int, str]], day: date | None
) -> None:
    owner = await a_collector(ctx)
    customers = [
        await a_customer(ctx, grade=grade, owner_id=owner if n % 2 else None) for n, grade in enumerate(GRADES)
    ]
    for which, currency, units, days, kind in owed:
        money = Money(Decimal(units), currency)
        if kind == "payment":
            await a_payment(ctx, customers[which], 1, amount=money)
        else:
            due_on = date.fromordinal(date(2026, 1, 5).toordinal() - days)
            told = {"issued_on": date(2025, 6, 1), "due_on": due_on, "references": of_contract(CONTRACTS[units % 3])}
            await a_receivable(ctx, customers[which], amount=money, **told)
    expected = _sums(await aged(ctx, as_of=day))
    for group_by in GROUPS:
        assert _sums(await aged(ctx, 2, as_of=day, group_by=group_by)) == expected


async def test_what_is_written_between_two_statements_of_one_aging_is_in_neither(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, amount=cny(5))
    probe = store.is_anything_later
    wrote: list[str] = []

    async def probe_and_write(ctx: Context, day: date) -> bool:
        later = await probe(ctx, day)
        if not wrote:
            wrote.append("a debt of tomorrow")
            await _elsewhere(ctx, customer)
        return later

    monkeypatch.setattr(store, "is_anything_later", probe_and_write)
    assert [row.open_amount for row in await aged(ctx)] == [cny(5)]
    assert [row.open_amount for row in await aged(ctx, as_of=date(2026, 1, 6))] == [cny(12)]
    async with snapshot(ctx) as tx:
        assert await tx.fetchval("show transaction_isolation") == "repeatable read"
    async with transaction(ctx) as outer, snapshot(ctx) as tx:
        assert tx is outer


async def _elsewhere(ctx: Context, customer: Any) -> None:
    """Another request writes and commits meanwhile."""
    tomorrow = a_receivable(ctx, customer, amount=cny(7), issued_on=date(2026, 1, 6))
    await asyncio.get_running_loop().create_task(tomorrow, context=Variables())


def _sums(rows: list[Aging]) -> dict[str, list[Decimal]]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 8)
    for row in rows:
        figures = [row.current_amount, *(b.amount for b in row.buckets), row.open_amount, row.unapplied_amount]
        told = [money.amount for money in figures] + [Decimal(row.receivable_count)]
        sums[row.currency] = [a + b for a, b in zip(sums[row.currency], told, strict=True)]
    return sums
