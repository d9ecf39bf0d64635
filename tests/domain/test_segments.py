"""Segments: kept questions about customers; what PostgreSQL answers is what the predicate means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.customers import list_customers
from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.kernel.predicate import All, Any_, Comparison, Not, Predicate, as_json, holds
from domain.kernel.predicate_values import Value
from domain.segments.matching import InSegment, count_matching, segments_of
from domain.segments.rules.fields import parse
from domain.segments.segments import (
    count_segment,
    create_segment,
    delete_segment,
    get_segment,
    list_segments,
    update_segment,
)
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_dunning import events_of
from tests.factories_ledger import a_receivable

TODAY = date(2026, 1, 5)
IS_C = {"field": "grade", "op": "eq", "value": "C"}
IS_PARTNER = {"field": "tags", "op": "contains", "value": "partner"}


async def in_segment(ctx: Context, predicate: Any) -> list[str]:
    """The names of the customers that a new segment with this predicate has."""
    segment = await create_segment(ctx, name="Asked", predicate=predicate)
    page = await list_customers(ctx, PageRequest(), among=InSegment(segment.id))
    assert (await count_segment(ctx, segment.id)).customer_count == len(page.items)
    return [customer.name for customer in page.items]


async def test_a_segment_is_kept_changed_and_removed(ctx: Context) -> None:
    made = await create_segment(ctx, name="Grade C", predicate={"all": [IS_C, {"not": IS_PARTNER}]})
    assert await get_segment(ctx, made.id) == made
    assert (await list_segments(ctx, PageRequest())).items == [made]
    changed = await update_segment(ctx, made.id, {"name": "C", "predicate": IS_C}, expected_version=1)
    assert (changed.name, changed.predicate, changed.version) == ("C", IS_C, 2)
    assert await update_segment(ctx, made.id, {"name": "C"}) == changed
    for attempt in (
        update_segment(ctx, made.id, {"name": "D"}, expected_version=1),
        delete_segment(ctx, made.id, expected_version=1),
    ):
        with pytest.raises(PreconditionFailed):
            await attempt
    await delete_segment(ctx, made.id, expected_version=2)
    with pytest.raises(NotFound):
        await get_segment(ctx, made.id)
    told = await events_of(ctx, "segment.created", "segment.updated", "segment.deleted")
    assert [(event.object_id, event.data["segment"]["version"]) for event in told] == [(made.id, n) for n in (1, 2, 2)]


@pytest.mark.parametrize(
    ("predicate", "pointer", "code"),
    [
        ({"field": "secret", "op": "eq", "value": "x"}, "/predicate/field", "unknown_field"),
        ({"field": "metadata.a'b", "op": "eq", "value": "x"}, "/predicate/field", "unknown_field"),
        ({"field": "metadata.", "op": "eq", "value": "x"}, "/predicate/field", "unknown_field"),
        ({"all": [IS_C, {"field": "grade", "op": "lt", "value": "C"}]}, "/predicate/all/1/op", "unknown_op"),
        ({"field": "open_amount", "op": "gt", "value": "5"}, "/predicate/value", "wrong_value"),
    ],
)
async def test_a_wrong_predicate_is_refused_by_its_place(ctx: Context, predicate: Any, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await create_segment(ctx, name="Wrong", predicate=predicate)
    assert [(error.pointer, error.code) for error in wrong.value.errors] == [(pointer, code)]
    made = await create_segment(ctx, name="Right", predicate=IS_C)
    with pytest.raises(InvalidInput):
        await update_segment(ctx, made.id, {"predicate": predicate})
    assert await get_segment(ctx, made.id) == made


async def test_a_list_is_narrowed_page_by_page(ctx: Context) -> None:
    for n in range(5):
        await a_customer(ctx, name=f"c{n}", grade="C" if n % 2 == 0 else "A")
    segment = await create_segment(ctx, name="C", predicate=IS_C)
    first = await list_customers(ctx, PageRequest(limit=2), among=InSegment(segment.id))
    second = await list_customers(ctx, PageRequest(limit=2, after=first.next_key), among=InSegment(segment.id))
    assert [[c.name for c in page.items] for page in (first, second)] == [["c0", "c2"], ["c4"]]
    with pytest.raises(NotFound):
        await list_customers(ctx, PageRequest(), among=InSegment("seg_unknown"))


async def test_what_is_owed_is_asked_by_currency_and_by_the_customers_day(ctx: Context) -> None:
    both, east, never = [await a_customer(ctx, name=name) for name in ("both", "east", "never")]
    west = await a_customer(ctx, name="west", time_zone="America/Los_Angeles")
    for customer in (both, east, west):
        await a_receivable(ctx, customer, number="due", due_on=date(2026, 1, 4), issued_on=date(2026, 1, 1))
    await a_receivable(ctx, both, number="usd", amount=Money(Decimal(70), "USD"), due_on=date(2026, 1, 1))
    # At this instant it is the 5th in Shanghai and still the 4th in Los Angeles.
    overdue = {"field": "overdue_amount", "op": "gte", "value": {"amount": "1000.00", "currency": "CNY"}}
    assert await in_segment(ctx, overdue) == ["both", "east"]
    usd = {"field": "open_amount", "op": "lte", "value": {"amount": "70.00", "currency": "USD"}}
    assert await in_segment(ctx, usd) == ["both"]
    assert await in_segment(ctx, {"field": "open_amount", "op": "is_null", "value": True}) == ["never"]
    assert await in_segment(ctx, {"field": "overdue_amount", "op": "is_null", "value": True}) == ["never", "west"]
    assert await in_segment(ctx, {"field": "oldest_days_overdue", "op": "gte", "value": 4}) == ["both"]
    assert await in_segment(ctx, {"field": "oldest_days_overdue", "op": "eq", "value": 0}) == ["never", "west"]
    assert (never.tags, await in_segment(ctx, {"any": []})) == ([], [])


async def test_a_limited_collector_finds_its_own_customers(ctx: Context) -> None:
    collector = await a_collector(ctx)
    mine = limited_to(ctx, collector)
    await a_customer(ctx, name="theirs", grade="C")
    await a_customer(ctx, name="own", grade="C", owner_id=mine.customers_of)
    segment = await create_segment(ctx, name="C", predicate=IS_C)
    assert (await count_segment(ctx, segment.id)).customer_count == 2
    assert (await count_segment(mine, segment.id)).customer_count == 1
    page = await list_customers(mine, PageRequest(), among=InSegment(segment.id))
    assert [customer.name for customer in page.items] == ["own"]


async def test_what_a_tenant_writes_never_becomes_a_statement(ctx: Context) -> None:
    await a_customer(ctx, name="'; drop table customers; --", metadata={"x-y_z": "' or true --"})
    assert await in_segment(ctx, {"field": "name", "op": "eq", "value": "'; drop table customers; --"}) != []
    assert await in_segment(ctx, {"field": "metadata.x-y_z", "op": "eq", "value": "' or true --"}) != []
    assert await in_segment(ctx, {"field": "name", "op": "in", "value": ["' or true --"]}) == []


# --- random customers and random predicates: the statement says what `holds` says ---


@dataclass(frozen=True)
class Drawn:
    """A customer to be, and what it owes as (amount, currency, days since the due date)."""

    fields: dict[str, Any]
    debts: tuple[tuple[int, str, int], ...]


_NAMES = st.sampled_from(["a", "b", "C", "vip", "7", "true", ""])
_ZONES = ["Asia/Shanghai", "America/Los_Angeles", None]
_DRAWN = st.builds(
    Drawn,
    fields=st.fixed_dictionaries(
        {
            "grade": st.sampled_from(["A", "C", None]),
            "tags": st.lists(st.sampled_from(["a", "vip", "C"]), unique=True),
            "locale": st.sampled_from(["en", "zh-CN", None]),
            "time_zone": st.sampled_from(_ZONES),
            "name": st.sampled_from(["a", "vip"]),
            "metadata": st.dictionaries(
                st.just("k"), st.one_of(_NAMES, st.just(7), st.booleans(), st.none(), st.just([1]))
            ),
        }
    ),
    debts=st.lists(
        st.tuples(st.sampled_from([1, 50, 100]), st.sampled_from(["CNY", "USD"]), st.integers(-2, 4)), max_size=3
    ).map(tuple),
)
_MONEY = st.builds(Money, st.sampled_from([Decimal(n) for n in (1, 50, 100, 150)]), st.sampled_from(["CNY", "USD"]))
_ORDERS = ["eq", "ne", "lt", "lte", "gt", "gte"]
_DAYS = st.integers(-1, 4).map(lambda n: TODAY - timedelta(days=n))
_TEXTS = st.sampled_from(["grade", "locale", "time_zone", "name", "external_id", "owner_id", "metadata.k"])
_TEXT = st.one_of(_NAMES, st.sampled_from(["A", "en", "zh-CN", "Asia/Shanghai"]))
_ANY_FIELD = st.one_of(
    _TEXTS, st.sampled_from(["tags", "open_amount", "overdue_amount", "created_on", "oldest_days_overdue"])
)
_COMPARISONS = st.one_of(
    st.builds(Comparison, _TEXTS, st.sampled_from(["eq", "ne"]), _TEXT),
    st.builds(
        Comparison, _TEXTS, st.sampled_from(["in", "not_in"]), st.lists(_TEXT, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(Comparison, st.just("tags"), st.just("contains"), _TEXT),
    st.builds(Comparison, st.sampled_from(["open_amount", "overdue_amount"]), st.sampled_from(_ORDERS), _MONEY),
    st.builds(Comparison, st.just("oldest_days_overdue"), st.sampled_from(_ORDERS), st.integers(-1, 4)),
    st.builds(
        Comparison,
        st.just("oldest_days_overdue"),
        st.sampled_from(["in", "not_in"]),
        st.lists(st.integers(0, 4), min_size=1).map(tuple),
    ),
    st.builds(Comparison, st.just("created_on"), st.sampled_from(_ORDERS), _DAYS),
    st.builds(Comparison, _ANY_FIELD, st.just("is_null"), st.booleans()),
)
_PREDICATES: st.SearchStrategy[Predicate] = st.recursive(
    _COMPARISONS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Any_(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=8,
)


def per_currency(predicate: Predicate) -> Predicate:
    """The same with a field for each currency, as `holds` knows one amount of a field only."""
    match predicate:
        case All(parts):
            return All(tuple(map(per_currency, parts)))
        case Any_(parts):
            return Any_(tuple(map(per_currency, parts)))
        case Not(part):
            return Not(per_currency(part))
        case Comparison(field, op, Money() as value):
            return Comparison(f"{field} {value.currency}", op, value)
    return predicate


def facts_of(ctx: Context, customer: Customer, drawn: Drawn) -> dict[str, Value | None]:
    """What is known of a customer, put together in Python."""
    local = TODAY - timedelta(days=customer.time_zone == "America/Los_Angeles")
    known = customer.metadata.get("k")
    text = {True: "true", False: "false"}.get(known) if isinstance(known, bool) else None
    facts: dict[str, Value | None] = {
        **{name: getattr(customer, name) for name in ("grade", "name", "external_id", "owner_id")},
        "locale": customer.locale or ctx.locale,
        "time_zone": customer.time_zone or ctx.time_zone,
        "tags": frozenset(customer.tags),
        "created_on": TODAY,
        "metadata.k": text or (str(known) if isinstance(known, str | int) else None),
    }
    days = [
        (Money(Decimal(amount), currency), (local - (TODAY - timedelta(days=ago))).days)
        for amount, currency, ago in drawn.debts
    ]
    overdue = [(money, late) for money, late in days if late > 0]
    for field, owed in (("open_amount", days), ("overdue_amount", overdue)):
        for money, _ in owed:
            facts[field] = money
            before = facts.get(f"{field} {money.currency}")
            facts[f"{field} {money.currency}"] = before + money if isinstance(before, Money) else money
    return {**facts, "oldest_days_overdue": max((late for _, late in overdue), default=0)}


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(everybody=st.lists(_DRAWN, min_size=1, max_size=4), predicates=st.lists(_PREDICATES, min_size=1, max_size=12))
async def test_what_postgresql_answers_is_what_the_predicate_means(
    ctx: Context, everybody: list[Drawn], predicates: list[Predicate]
) -> None:
    facts = {}
    for drawn in everybody:
        customer = await a_customer(ctx, **drawn.fields)
        for number, (amount, currency, ago) in enumerate(drawn.debts):
            due_on = TODAY - timedelta(days=ago)
            money = Money(Decimal(amount), currency)
            await a_receivable(
                ctx, customer, number=f"{number}", amount=money, issued_on=date(2025, 12, 1), due_on=due_on
            )
        facts[customer.id] = facts_of(ctx, customer, drawn)
    asked = {str(n): parse(as_json(predicate)) for n, predicate in enumerate(predicates)}
    async with reading(ctx):
        answers = await segments_of(ctx, list(facts), asked)
        for customer_id, known in facts.items():
            meant = {key for key, predicate in asked.items() if holds(per_currency(predicate), known)}
            assert answers[customer_id] == meant, (
                known,
                [predicates[int(key)] for key in meant ^ answers[customer_id]],
            )


async def test_a_count_and_the_answer_for_each_customer_agree(ctx: Context) -> None:
    customers = [await a_customer(ctx, name=f"c{n}", tags=["vip"] if n < 3 else []) for n in range(5)]
    predicate = parse({"field": "tags", "op": "contains", "value": "vip"})
    async with reading(ctx):
        answers = await segments_of(ctx, [c.id for c in customers], {"vip": predicate})
        assert sum(map(bool, answers.values())) == await count_matching(ctx, predicate) == 3
        assert await segments_of(ctx, [], {"vip": predicate}) == {}
