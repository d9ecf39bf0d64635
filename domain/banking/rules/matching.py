"""PURE: from one line and what is known about it to suggestions, each with its reasons, and to the line's state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.banking.model import Confidence, LineState, Reason, ReasonCode, SuggestedAllocation, Suggestion
from domain.banking.rules.references import name_key
from domain.kernel.money import Money
from domain.ledger.model import Receivable
from domain.ledger.rules.early_payment import earned_by

MOST_SUGGESTIONS = 5
# Of a payer who owes more than this nothing is said of all that is open: not all of it was looked at.
MOST_OF_A_PAYER = 50
_RANK: dict[Confidence, int] = {"exact": 0, "likely": 1, "possible": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that was found for one line, in any order; what is not open or in another currency than the line's is passed over.

    `named` are receivables whose number or external id the line holds, with the text it was found as; `of_payer` what customers
    owe of whom the payer is known; `of_amount` receivables with the line's amount open; `names` those of all these customers.
    """

    amount: Money
    paid_on: date
    payer_name: str = ""
    named: Sequence[tuple[Receivable, Reason]] = ()
    payers: Sequence[str] = ()
    of_payer: Sequence[Receivable] = ()
    of_amount: Sequence[Receivable] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def suggestions_for(known: Known) -> list[Suggestion]:
    """Suggestions, best first, without two that would do the same; what only has the amount is one if nothing is exact."""
    known, found = _in_order(known), dict[tuple[object, ...], Suggestion]()
    named = list(_by_reference(known))
    by_amount = () if is_exact(named) else _by_amount(known)
    for suggestion in (*named, *_by_payer(known), *by_amount):
        key = (suggestion.customer_id, *((a.receivable_id, a.amount) for a in suggestion.allocations))
        if key not in found:
            found[key] = _with_name(known, suggestion)
    best = sorted(found.values(), key=lambda one: _RANK[one.confidence])
    return best[:MOST_SUGGESTIONS]


def is_exact(suggestions: Sequence[Suggestion]) -> bool:
    """Whether one of them needs no more looking."""
    return any(one.confidence == "exact" for one in suggestions)


def state_for(suggestions: Sequence[Suggestion]) -> LineState:
    """Exactly one exact suggestion is proposed; where several are equally good nothing is chosen."""
    if not suggestions:
        return "unmatched"
    best = [one for one in suggestions if one.confidence == suggestions[0].confidence]
    if len(best) > 1:
        return "ambiguous"
    return "proposed" if best[0].confidence == "exact" else "unmatched"


def settles(receivable: Receivable, amount: Money, paid_on: date) -> Reason | None:
    """Why an amount settles a receivable to the end: it is what is open, or that less the discount it earns."""
    if receivable.open_amount == amount:
        return _reason("amount_equals_open_amount", amount)
    if amount.amount >= receivable.open_parts.principal.amount:
        return None
    discount = earned_by(receivable, Decimal(0), amount.amount, paid_on)
    if discount and amount.amount + discount == receivable.open_amount.amount:
        return _reason("amount_equals_discounted_amount", amount)
    return None


def _in_order(known: Known) -> Known:
    """What is a candidate at all, each once, the oldest due first: nothing depends on the order in which it was found."""
    reasons = dict[str, Reason]()
    for receivable, reason in known.named:
        before = reasons.get(receivable.id, reason)
        reasons[receivable.id] = min(before, reason, key=lambda one: (one.code, one.value))
    return replace(
        known,
        named=[(one, reasons[one.id]) for one in _candidates(known, (one for one, _ in known.named))],
        payers=sorted(set(known.payers)),
        of_payer=_candidates(known, known.of_payer),
        of_amount=_candidates(known, known.of_amount),
    )


def _candidates(known: Known, some: Iterable[Receivable]) -> list[Receivable]:
    currency = known.amount.currency
    once = {one.id: one for one in some if one.open_amount.amount > 0 and one.amount.currency == currency}
    return sorted(once.values(), key=lambda one: (one.due_on, one.id))


def _by_reference(known: Known) -> Iterator[Suggestion]:
    by_customer: dict[str, list[tuple[Receivable, Reason]]] = {}
    for receivable, reason in known.named:
        by_customer.setdefault(receivable.customer_id, []).append((receivable, reason))
    for customer_id, pairs in by_customer.items():
        total = sum((receivable.open_amount.amount for receivable, _ in pairs), Decimal(0))
        payer = [_reason("payer_known", customer_id)] if customer_id in known.payers else []
        if len(pairs) > 1 and total == known.amount.amount:
            reasons = [reason for _, reason in pairs]
            yield _all_of(
                "exact",
                [receivable for receivable, _ in pairs],
                [*reasons, _reason("amount_equals_sum", known.amount), *payer],
            )
        for receivable, reason in pairs:
            whole = settles(receivable, known.amount, known.paid_on)
            yield _one_of(
                "exact" if whole else "likely",
                receivable,
                known.amount,
                [reason, whole or _reason("amount_differs", receivable.open_amount), *payer],
            )


def _by_payer(known: Known) -> Iterator[Suggestion]:
    for customer_id in known.payers:
        payer, owed = _reason("payer_known", customer_id), [r for r in known.of_payer if r.customer_id == customer_id]
        for receivable in owed:
            if whole := settles(receivable, known.amount, known.paid_on):
                yield _one_of("likely", receivable, known.amount, [payer, whole])
        all_of_it = owed if len(owed) <= MOST_OF_A_PAYER else []
        kinds: tuple[tuple[ReasonCode, list[Receivable]], ...] = (
            ("amount_equals_all_open", all_of_it),
            ("amount_equals_all_overdue", [r for r in all_of_it if r.overdue]),
        )
        for code, some in kinds:
            if len(some) > 1 and sum((r.open_amount.amount for r in some), Decimal(0)) == known.amount.amount:
                yield _all_of("likely", some, [payer, _reason(code, known.amount)])
        yield Suggestion(customer_id=customer_id, confidence="possible", allocations=[], reasons=[payer])


def _by_amount(known: Known) -> Iterator[Suggestion]:
    for receivable in known.of_amount:
        reasons = [_reason("amount_equals_open_amount", known.amount)]
        yield _one_of("possible", receivable, known.amount, reasons)


def _with_name(known: Known, suggestion: Suggestion) -> Suggestion:
    """With the reason that the payer is called like the customer, which makes an amount that fits likely, never exact."""
    name, payer = known.names.get(suggestion.customer_id, ""), name_key(known.payer_name)
    if not payer or name_key(name) != payer:
        return suggestion
    confidence: Confidence = "likely" if suggestion.allocations else "possible"
    return Suggestion(
        customer_id=suggestion.customer_id,
        confidence="exact" if suggestion.confidence == "exact" else confidence,
        allocations=suggestion.allocations,
        reasons=[*suggestion.reasons, Reason(code="name_matches", value=name)],
    )


def _one_of(confidence: Confidence, receivable: Receivable, amount: Money, reasons: list[Reason]) -> Suggestion:
    share = min(amount.amount, receivable.open_amount.amount)
    allocation = SuggestedAllocation(receivable_id=receivable.id, amount=Money(share, amount.currency))
    return Suggestion(
        customer_id=receivable.customer_id, confidence=confidence, allocations=[allocation], reasons=reasons
    )


def _all_of(confidence: Confidence, receivables: Sequence[Receivable], reasons: list[Reason]) -> Suggestion:
    return Suggestion(
        customer_id=receivables[0].customer_id,
        confidence=confidence,
        allocations=[SuggestedAllocation(receivable_id=r.id, amount=r.open_amount) for r in receivables],
        reasons=reasons,
    )


def _reason(code: ReasonCode, value: Money | str) -> Reason:
    return Reason(code=code, value=str(value.amount) if isinstance(value, Money) else value)
