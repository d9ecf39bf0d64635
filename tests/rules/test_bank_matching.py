"""What a line of a statement may be the payment of, and that a tie never decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.banking.model import Reason, Suggestion
from domain.banking.rules.matching import MOST_OF_A_PAYER, MOST_SUGGESTIONS, Known, settles, state_for, suggestions_for
from domain.kernel.money import Money
from domain.ledger.model import OpenParts, Receivable
from domain.ledger.rules.components import only
from domain.ledger.rules.early_payment import offered
from tests.factories_ledger import TWO_TEN, cny
from tests.rules.test_ledger_standing import receivable

PAID_ON = date(2026, 1, 5)
LATE = date(2026, 1, 12)


def owed(
    id: str, amount: int | str, *, customer: str = "c1", number: str = "", currency: str = "CNY", **changes: Any
) -> Receivable:
    money = Money(Decimal(amount), currency)
    told: dict[str, Any] = {
        "customer_id": customer,
        "number": number or f"N-{id}",
        "amount": money,
        "open_amount": money,
    }
    parts = OpenParts.of(only("principal", money.amount), currency)
    return replace(receivable(), id=id, open_parts=parts, **told, **changes)


def early(id: str, amount: int, **changes: Any) -> Receivable:
    """With 2 % off until 2026-01-11."""
    plain = owed(id, amount, **changes)
    return replace(plain, payment_terms=TWO_TEN, discount=offered(TWO_TEN, plain.amount, plain.issued_on))


def by_number(*some: Receivable) -> list[tuple[Receivable, Reason]]:
    return [(one, Reason(code="reference_in_remittance", value=one.number)) for one in some]


def known(amount: int | str, *named: Receivable, **told: Any) -> Known:
    return Known(**{"amount": cny(amount), "paid_on": PAID_ON, "named": by_number(*named), **told})


def outcome(line: Known) -> tuple[str, list[Suggestion]]:
    found = suggestions_for(line)
    return state_for(found), found


def told_of(one: Suggestion) -> tuple[str, str, list[tuple[str, str]], list[str]]:
    shares = [(share.receivable_id, str(share.amount.amount)) for share in one.allocations]
    return one.confidence, one.customer_id, shares, [reason.code for reason in one.reasons]


def test_a_reference_with_the_exact_amount_is_proposed() -> None:
    state, (one,) = outcome(known(100, owed("r1", 100)))
    reasons = ["reference_in_remittance", "amount_equals_open_amount"]
    assert (state, told_of(one)) == ("proposed", ("exact", "c1", [("r1", "100.00")], reasons))


def test_a_reference_with_another_amount_is_likely_and_never_settles_more_than_is_open_or_paid() -> None:
    for paid, settled in ((60, "60.00"), (140, "100.00")):
        state, (one,) = outcome(known(paid, owed("r1", 100)))
        reasons = ["reference_in_remittance", "amount_differs"]
        assert (state, told_of(one)) == ("unmatched", ("likely", "c1", [("r1", settled)], reasons))


@pytest.mark.parametrize("other_customer", ["c1", "c2"])
def test_two_of_the_same_number_and_amount_are_a_tie_whoever_the_payer_is(other_customer: str) -> None:
    same = [owed("r1", 100, number="INV-1"), owed("r2", 100, number="INV-1", customer=other_customer)]
    told = {"payers": ["c1"], "of_payer": same[:1], "names": {"c1": "Lanhai"}, "payer_name": "LANHAI"}
    for line in (known(100, *same), known(100, *same, **told)):
        state, found = outcome(line)
        assert (state, [one.confidence for one in found[:2]]) == ("ambiguous", ["exact", "exact"])


def test_the_amount_tells_receivables_of_one_number_apart() -> None:
    same = [owed("r1", 100, number="INV-1"), owed("r2", 70, number="INV-1", customer="c2")]
    state, found = outcome(known(70, *same))
    assert (state, found[0].customer_id, found[1].confidence) == ("proposed", "c2", "likely")


def test_several_references_whose_open_amounts_are_paid_together_are_proposed() -> None:
    state, found = outcome(known(60, owed("r1", 10), owed("r2", 20), owed("r3", 30)))
    shares = [("r1", "10.00"), ("r2", "20.00"), ("r3", "30.00")]
    assert (state, told_of(found[0])[2], found[0].reasons[-1].code) == ("proposed", shares, "amount_equals_sum")
    assert outcome(known(50, owed("r1", 10), owed("r2", 20), owed("r3", 30)))[0] == "ambiguous"


def test_a_sum_of_one_customer_and_a_receivable_of_another_are_a_tie() -> None:
    state, found = outcome(known(30, owed("r1", 10), owed("r2", 20), owed("r3", 30, customer="c2")))
    assert (state, [one.confidence for one in found]) == ("ambiguous", ["exact", "exact", "likely", "likely"])


def test_references_of_two_customers_are_never_summed() -> None:
    state, found = outcome(known(30, owed("r1", 10), owed("r2", 20, customer="c2")))
    assert (state, {one.confidence for one in found}) == ("ambiguous", {"likely"})


@pytest.mark.parametrize(
    ("amount", "code", "receivables"),
    [
        (20, "amount_equals_open_amount", ["r2"]),
        (65, "amount_equals_all_open", ["r1", "r2", "r3"]),
        (30, "amount_equals_all_overdue", ["r1", "r2"]),
    ],
)
def test_a_known_payer_whose_amount_fits_is_likely_and_never_proposed(
    amount: int, code: str, receivables: list[str]
) -> None:
    some = [owed("r1", 10, overdue=True), owed("r2", 20, overdue=True), owed("r3", 35)]
    state, found = outcome(known(amount, payers=["c1"], of_payer=some))
    _, _, shares, reasons = told_of(found[0])
    assert (state, [share[0] for share in shares], reasons) == ("unmatched", receivables, ["payer_known", code])
    assert told_of(found[-1]) == ("possible", "c1", [], ["payer_known"])


def test_of_a_payer_who_owes_more_than_was_looked_at_nothing_is_said_of_all_that_is_open() -> None:
    some = [owed(f"r{n}", 2) for n in range(MOST_OF_A_PAYER + 1)]
    _, found = outcome(known(2 * len(some), payers=["c1"], of_payer=some))
    assert [told_of(one)[3] for one in found] == [["payer_known"]]
    _, fewer = outcome(known(2 * len(some) - 2, payers=["c1"], of_payer=some[1:]))
    assert fewer[0].reasons[-1].code == "amount_equals_all_open"


def test_a_name_is_a_reason_that_makes_an_amount_likely_and_nothing_exact() -> None:
    called = {"payer_name": "LANHAI TRADING CO LTD", "names": {"c1": "Lanhai Trading Co., Ltd."}}
    assert outcome(known(100, **called)) == ("unmatched", [])
    state, (one,) = outcome(known(100, of_amount=[owed("r1", 100)], **called))
    assert (state, told_of(one)[0], told_of(one)[3][-1]) == ("unmatched", "likely", "name_matches")
    assert outcome(known(100, of_amount=[owed("r1", 100)]))[1][0].confidence == "possible"
    assert (
        outcome(known(100, of_amount=[owed("r1", 100)], payer_name="-", names={"c1": "."}))[1][0].confidence != "likely"
    )


def test_two_amounts_that_fit_are_a_tie() -> None:
    assert outcome(known(100, of_amount=[owed("r1", 100), owed("r2", 100, customer="c2")]))[0] == "ambiguous"


def test_what_only_has_the_amount_is_no_suggestion_beside_an_exact_one() -> None:
    others = [owed("r2", 100), owed("r3", 100, customer="c2")]
    assert [told_of(one)[2] for one in outcome(known(100, owed("r1", 100), of_amount=others))[1]] == [
        [("r1", "100.00")]
    ]
    assert len(outcome(known(100, owed("r1", 90), of_amount=others))[1]) == 3


def test_the_amount_less_the_discount_settles_in_time_only() -> None:
    state, (one,) = outcome(known(980, early("r1", 1000)))
    reasons = ["reference_in_remittance", "amount_equals_discounted_amount"]
    assert (state, told_of(one)) == ("proposed", ("exact", "c1", [("r1", "980.00")], reasons))
    assert outcome(known(980, early("r1", 1000), paid_on=LATE))[0] == "unmatched"
    assert outcome(known(979, early("r1", 1000)))[0] == "unmatched"
    assert outcome(known(981, early("r1", 1000)))[0] == "proposed"
    assert outcome(known(980, owed("r1", 1000)))[0] == "unmatched"
    assert outcome(known(980, early("r1", 1000), owed("r2", 980)))[0] == "ambiguous"


def test_currencies_are_never_mixed() -> None:
    other = owed("r1", 100, currency="EUR")
    lines = (
        known(100, other, payers=["c1"], of_payer=[other]),
        known(100, of_amount=[other]),
        known(100, owed("r2", 60), owed("r3", 40, currency="EUR")),
    )
    shares = [[told_of(one)[2] for one in outcome(line)[1]] for line in lines]
    assert shares == [[[]], [], [[("r2", "60.00")]]]
    assert settles(other, cny(100), PAID_ON) is None


def test_what_is_settled_is_no_candidate() -> None:
    paid = replace(owed("r1", 100), open_amount=cny(0))
    assert outcome(known(100, paid, of_amount=[paid])) == ("unmatched", [])


def test_one_receivable_found_twice_is_one_suggestion() -> None:
    one = owed("r1", 100)
    twice = [*by_number(one), (one, Reason(code="reference_is_external_id", value="x"))]
    for named in (twice, twice[::-1]):
        state, found = outcome(known(100, named=named, payers=["c1", "c1"], of_payer=[one, one], of_amount=[one]))
        reasons = ["reference_in_remittance", "amount_equals_open_amount", "payer_known"]
        assert (state, told_of(found[0])) == ("proposed", ("exact", "c1", [("r1", "100.00")], reasons))
        assert [told_of(other)[2] for other in found[1:]] == [[]]


# -- whatever is found ---------------------------------------------------------------------------------------------------

RECEIVABLES = st.lists(
    st.builds(
        lambda amount, customer, currency, overdue, is_early: (early if is_early and currency == "CNY" else owed)(
            "", amount, customer=customer, currency=currency, overdue=overdue
        ),
        st.sampled_from([50, 98, 100, 150, 196, 200]),
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from(["CNY", "CNY", "CNY", "EUR"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
).map(lambda some: [replace(one, id=f"r{n}", number=f"N-{n}") for n, one in enumerate(some)])


@st.composite
def lines(draw: st.DrawFn) -> Known:
    some = draw(RECEIVABLES)
    chosen = st.lists(st.sampled_from(some), max_size=8) if some else st.just([])
    payers = draw(st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True))
    return known(
        draw(st.sampled_from([49, 50, 98, 100, 148, 150, 196, 200, 250, 300])),
        *draw(chosen),
        paid_on=draw(st.sampled_from([PAID_ON, LATE])),
        payers=payers,
        of_payer=[one for one in some if one.customer_id in payers],
        of_amount=draw(chosen),
        payer_name=draw(st.sampled_from(["", "Lanhai"])),
        names={"c1": "LANHAI", "c2": "Other"},
    )


def explanations(line: Known) -> list[set[str]]:
    """The sets of named receivables of one customer that the amount settles to the end: each alone, or all together."""
    named = {r.id: r for r, _ in line.named if r.open_amount.currency == line.amount.currency}.values()
    found = [{r.id} for r in named if settles(r, line.amount, line.paid_on)]
    for customer in sorted({r.customer_id for r in named}):
        own = [r for r in named if r.customer_id == customer]
        if len(own) > 1 and sum(r.open_amount.amount for r in own) == line.amount.amount:
            found.append({r.id for r in own})
    return found


@given(lines(), st.randoms(use_true_random=False))
def test_the_outcome_does_not_depend_on_the_order_of_what_was_found(line: Known, random: Any) -> None:
    def shuffled(some: Sequence[Any]) -> list[Any]:
        return sorted(some, key=lambda _: float(random.random()))

    names = ("named", "payers", "of_payer", "of_amount")
    other: dict[str, Any] = {name: shuffled(getattr(line, name)) for name in names}
    assert outcome(replace(line, **other)) == outcome(line)


@given(lines())
def test_only_what_alone_explains_the_amount_is_proposed_and_settles_all_of_it(line: Known) -> None:
    state, found = outcome(line)
    exact = [one for one in found if one.confidence == "exact"]
    assert (state == "proposed") == (len(explanations(line)) == 1) == (len(exact) == 1)
    if state == "proposed":
        assert found[:1] == exact
        assert {share.receivable_id for share in found[0].allocations} == explanations(line)[0]
        assert sum(share.amount.amount for share in found[0].allocations) == line.amount.amount


@given(lines())
def test_a_suggestion_never_settles_more_than_was_paid_or_is_open_nor_what_another_owes(line: Known) -> None:
    some = {r.id: r for r in (*(r for r, _ in line.named), *line.of_payer, *line.of_amount)}
    found = suggestions_for(line)
    assert len(found) <= MOST_SUGGESTIONS
    assert len({(one.customer_id, str(told_of(one)[2])) for one in found}) == len(found)
    for one in found:
        assert sum(share.amount.amount for share in one.allocations) <= line.amount.amount
        for share in one.allocations:
            owing = some[share.receivable_id]
            assert owing.customer_id == one.customer_id
            assert 0 < share.amount.amount <= owing.open_amount.amount
            assert share.amount.currency == owing.open_amount.currency == line.amount.currency
