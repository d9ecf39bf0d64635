"""Exchange rates told and corrected, and the aging in the base currency that reads them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.insight.aging import list_aging
from domain.insight.base_currency import list_base_currency_aging
from domain.insight.base_currency_model import BaseAgingGroup, BaseCurrencyAging
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.exchange_model import ExchangeRateFilter
from domain.ledger.exchange_rates import list_exchange_rates, put_exchange_rates
from domain.ledger.ledger_policy import get_ledger_policy, put_ledger_policy, update_ledger_policy
from domain.ledger.rules.exchange import Quote
from tests.domain.test_aging import january
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import a_payment, a_receivable, cny, events_of


def eur(rate: str, day: date | None = None, source: str = "ECB", currency: str = "EUR") -> Quote:
    return Quote(currency, "CNY", Decimal(rate), day or january(4), source)


async def report(ctx: Context, day: date | None = None, group_by: BaseAgingGroup = "tenant") -> list[BaseCurrencyAging]:
    return (await list_base_currency_aging(ctx, PageRequest(), as_of=day, group_by=group_by)).items


async def test_a_rate_told_again_changes_nothing_and_another_one_corrects_it(ctx: Context) -> None:
    first = await put_exchange_rates(ctx, [eur("7.85"), eur("7.80", january(3)), eur("7.9", source="PBOC 中间价")])
    assert (first.created_count, first.unchanged_count, first.corrected) == (3, 0, [])
    assert (await put_exchange_rates(ctx, [eur("7.850")])).unchanged_count == 1
    assert len(await events_of(ctx, "exchange_rates.recorded")) == 1
    changed = await put_exchange_rates(ctx, [eur("7.86"), eur("0.05", currency="JPY")])
    assert [(c.rate, c.previous_rate) for c in changed.corrected] == [("7.86", "7.85")]
    told = (await events_of(ctx, "exchange_rates.recorded"))[-1].data["exchange_rates"]
    assert (told["created_count"], told["corrected"][0]["previous_rate"]) == (1, "7.85")
    seen, after = [], None
    while True:
        page = await list_exchange_rates(ctx, PageRequest(limit=1, after=after))
        seen += [(r.valid_on, r.from_currency, r.source, r.rate, r.version) for r in page.items]
        if (after := page.next_key) is None:
            break
    assert seen == [
        (january(4), "JPY", "ECB", "0.05", 1),
        (january(4), "EUR", "PBOC 中间价", "7.9", 1),
        (january(4), "EUR", "ECB", "7.86", 2),
        (january(3), "EUR", "ECB", "7.8", 1),
    ]
    for wanted, count in ((ExchangeRateFilter(source="ECB"), 3), (ExchangeRateFilter(valid_on=january(3)), 1)):
        assert len((await list_exchange_rates(ctx, PageRequest(), wanted=wanted)).items) == count
    with pytest.raises(InvalidInput):
        await list_exchange_rates(ctx, PageRequest(after="nonsense"))


async def test_wrong_rates_are_all_named_and_none_is_recorded(ctx: Context) -> None:
    wrong = [
        eur("7.85"),
        eur("0", january(1)),
        eur("1e9", january(2)),
        eur("0.0000000000001", january(3)),
        eur("1", date(2201, 1, 1)),
        eur("1", currency="CNY"),
        eur("1", currency="ZZZ"),
        eur("1", source=" "),
        eur("7.85"),
    ]
    with pytest.raises(InvalidInput) as refused:
        await put_exchange_rates(ctx, wrong)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/rates/1/rate", "rate_out_of_range"),
        ("/rates/2/rate", "rate_out_of_range"),
        ("/rates/3/rate", "rate_out_of_range"),
        ("/rates/4/valid_on", "date_out_of_range"),
        ("/rates/5/to_currency", "same_currency"),
        ("/rates/6/from_currency", "unknown_currency"),
        ("/rates/7/source", "source_out_of_range"),
        ("/rates/8", "rate_repeated"),
    ]
    for size in (0, 1001):
        with pytest.raises(InvalidInput):
            await put_exchange_rates(ctx, [eur("1")] * size)
    assert (await list_exchange_rates(ctx, PageRequest())).items == []


async def test_two_batches_at_once_are_one_after_the_other(ctx: Context) -> None:
    told = await asyncio.gather(*(put_exchange_rates(ctx, [eur(f"7.{n}")]) for n in range(1, 6)))
    assert sorted(batch.created_count for batch in told) == [0, 0, 0, 0, 1]
    (rate,) = (await list_exchange_rates(ctx, PageRequest())).items
    assert rate.version == 5


async def test_what_is_owed_in_the_base_currency_by_the_rates_of_the_day(ctx: Context) -> None:
    customer = await a_customer(ctx, grade="B")
    await a_receivable(ctx, customer, amount=cny(100))
    await a_receivable(ctx, customer, amount=Money(Decimal("10.01"), "EUR"), due_on=january(2))
    await put_exchange_rates(ctx, [eur("7.8", january(2)), eur("7.855", january(4)), eur("9", january(6))])
    (row,) = await report(ctx)
    assert (row.base_currency, row.receivable_count, row.missing_rates) == ("CNY", 2, [])
    # 10.01 EUR x 7.855 = 78.62855 CNY
    assert (row.current_amount, row.buckets[0].amount, row.open_amount) == (cny(100), cny("78.63"), cny("178.63"))
    own, euros = row.by_currency
    assert own.used_rate is not None
    assert (own.used_rate.rate, own.used_rate.quotes) == ("1", [])
    assert euros.used_rate is not None
    assert [(q.rate, q.valid_on, q.source) for q in euros.used_rate.quotes] == [("7.855", january(4), "ECB")]
    assert (euros.own.open_amount, euros.converted_open_amount) == (Money(Decimal("10.01"), "EUR"), cny("78.63"))
    assert (await report(ctx, january(3)))[0].open_amount == cny("178.08")
    (in_euros,) = await report(replace(ctx, base_currency="EUR"))
    assert in_euros.open_amount == Money(Decimal("22.74"), "EUR")  # 10.01 + 100 / 7.855
    (graded,) = await report(ctx, group_by="grade")
    assert (graded.grade, graded.open_amount) == ("B", row.open_amount)


async def test_what_has_no_rate_is_told_and_its_figures_are_not_known(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, amount=cny(100), due_on=january(2))
    await a_receivable(ctx, customer, amount=Money(Decimal(10), "EUR"))
    await put_exchange_rates(ctx, [eur("8", date(2025, 12, 25)), eur("9", january(6))])
    (row,) = await report(ctx)
    assert [(m.currency, m.code, m.open_amount.amount) for m in row.missing_rates] == [
        ("EUR", "rate_missing", Decimal(10))
    ]
    assert (row.open_amount, row.current_amount, row.rate_max_age_days) == (None, None, 10)
    assert (row.buckets[0].amount, row.unapplied_amount) == (cny(100), cny(0))
    assert [share.converted_open_amount for share in row.by_currency] == [cny(100), None]
    await update_ledger_policy(ctx, {"rate_max_age_days": 11})
    assert (await report(ctx))[0].open_amount == cny(180)


async def test_groups_come_whole_whatever_the_page(ctx: Context) -> None:
    mine = limited_to(ctx, await a_collector(ctx))
    customers = [await a_customer(ctx), await a_customer(ctx, owner_id=mine.customers_of), await a_customer(ctx)]
    for customer in customers[:2]:
        for currency in ("CNY", "EUR", "JPY"):
            await a_receivable(ctx, customer, amount=Money(Decimal(7), currency))
    await a_payment(ctx, customers[2], 3)
    for day in (None, january(20)):
        seen, after = [], None
        while True:
            page = await list_base_currency_aging(
                ctx, PageRequest(limit=1, after=after), as_of=day, group_by="customer"
            )
            seen += [(row.customer_id, [share.own.currency for share in row.by_currency]) for row in page.items]
            if (after := page.next_key) is None:
                break
        expected = [(customer.id, ["CNY", "EUR", "JPY"]) for customer in customers[:2]]
        assert seen == [*expected, (customers[2].id, ["CNY"])]
    assert [row.customer_id for row in await report(mine, group_by="customer")] == [customers[1].id]
    assert [row.owner_id for row in await report(ctx, group_by="owner")] == [None, mine.customers_of]
    assert sum(row.receivable_count for row in (await list_aging(ctx, PageRequest())).items) == 6


async def test_a_patch_of_the_policy_leaves_the_rest_and_a_put_does_not(ctx: Context) -> None:
    await put_ledger_policy(
        ctx, allocation_policy="oldest_due_first", tolerances=[cny(1)], approval_limits=[], aging_bounds=[7]
    )
    changed = await update_ledger_policy(ctx, {"rate_sources": ["PBOC", "ECB"]})
    assert (changed.aging_bounds, changed.tolerances, changed.version) == ([7], [cny(1)], 2)
    assert await get_ledger_policy(ctx) == changed
    for changes in ({"rate_sources": ["A", "A"]}, {"rate_sources": [""]}, {"rate_max_age_days": 367}):
        with pytest.raises(InvalidInput):
            await update_ledger_policy(ctx, changes)
    reset = await put_ledger_policy(ctx, allocation_policy="oldest_due_first", tolerances=[], approval_limits=[])
    assert (reset.aging_bounds, reset.rate_sources, reset.rate_max_age_days) == ([30, 60, 90], [], 10)
