"""PURE: payment terms: when an invoice is due, in how many parts, and what paying early saves.

A term is data: parts with a share each, and for each part how its due date follows from the anchor date (the day of issue, delivery,
receipt or acceptance). The two readings of "net 30 end of month" are two kinds, because they differ by up to a month.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, assert_never

from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money, quantum_of
from domain.ledger.rules.delivery import Delivery
from domain.ledger.rules.splitting import split_by_weights

Anchor = Literal["issued_on", "delivered_on", "received_on", "accepted_on"]
DueKind = Literal["net", "days_then_end_of_month", "end_of_month_then_days", "day_of_month"]

LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRule:
    """How a due date follows from the anchor.

    net: `days` after it. days_then_end_of_month: `days` after it, then the last day of that month. end_of_month_then_days: the last day
    of the anchor's month, then `days`. day_of_month: the first `day` (1-31, shortened to the month) on or after anchor + `days`.
    """

    kind: DueKind = "net"
    days: int = 0
    day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What paying within `days` of the anchor saves, as a rate of the amount: 2/10 is rate 0.02, days 10."""

    rate: Decimal
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPart:
    """A share of the whole (weights; 30 and 70 are 30 % and 70 %) and when it is due."""

    share: Decimal = Decimal(1)
    due: DueRule = field(default_factory=DueRule)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """One or more parts after one anchor, and perhaps a discount for paying early."""

    parts: tuple[TermPart, ...]
    anchor: Anchor = "issued_on"
    discount: Discount | None = None


@dataclass(frozen=True, slots=True)
class DuePart:
    """An amount and the day on which it is due."""

    amount: Money
    due_on: date


def due_parts(terms: PaymentTerms, amount: Money, anchor: date) -> list[DuePart]:
    """The parts of `amount` with their due dates; they sum to it exactly."""
    amounts = split_by_weights(amount, [part.share for part in terms.parts])
    return [DuePart(share, due_on(part.due, anchor)) for share, part in zip(amounts, terms.parts, strict=True)]


def due_on(rule: DueRule, anchor: date) -> date:
    """The due date that follows from `anchor`.

    >>> due_on(DueRule(days=30), date(2026, 1, 31))
    datetime.date(2026, 3, 2)
    >>> due_on(DueRule(kind="days_then_end_of_month", days=30), date(2026, 1, 31))
    datetime.date(2026, 3, 31)
    >>> due_on(DueRule(kind="end_of_month_then_days", days=30), date(2026, 1, 5))
    datetime.date(2026, 3, 2)
    >>> due_on(DueRule(kind="day_of_month", days=30, day=15), date(2026, 1, 20))
    datetime.date(2026, 3, 15)
    """
    later = anchor + timedelta(days=rule.days)
    match rule.kind:
        case "net":
            return later
        case "days_then_end_of_month":
            return end_of_month(later)
        case "end_of_month_then_days":
            return end_of_month(anchor) + timedelta(days=rule.days)
        case "day_of_month":
            return _on_or_after(later, rule.day or 1)
        case _:
            assert_never(rule.kind)


def end_of_month(day: date) -> date:
    """The last day of that month.

    >>> end_of_month(date(2028, 2, 3))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def discount_until(discount: Discount, anchor: date) -> date:
    """The last day on which paying saves the discount.

    >>> discount_until(Discount(rate=Decimal("0.02"), days=10), date(2026, 1, 1))
    datetime.date(2026, 1, 11)
    """
    return anchor + timedelta(days=discount.days)


def discount_amount(discount: Discount, amount: Money) -> Money:
    """What the discount is worth, rounded half up once.

    >>> discount_amount(Discount(rate=Decimal("0.02"), days=10), Money(Decimal("1000.25"), "CNY")).amount
    Decimal('20.01')
    """
    exact = amount.amount * discount.rate
    return Money(exact.quantize(quantum_of(amount.currency), ROUND_HALF_UP), amount.currency)


def is_discount_earned(discount: Discount, amount: Money, until: date, paid: Money, paid_on: date) -> bool:
    """Whether `paid` on `paid_on` settles `amount` less the discount by its last day; a day late earns nothing.

    >>> two_ten = Discount(rate=Decimal("0.02"), days=10)
    >>> whole, paid = Money(Decimal(1000), "CNY"), Money(Decimal(980), "CNY")
    >>> [is_discount_earned(two_ten, whole, date(2026, 1, 11), paid, date(2026, 1, day)) for day in (11, 12)]
    [True, False]
    """
    return paid_on <= until and paid >= amount - discount_amount(discount, amount)


def check_payment_terms(terms: PaymentTerms) -> None:
    """Raises InvalidInput with a pointer at the first thing that no invoice could be due by."""
    if not terms.parts:
        raise InvalidInput.at("/parts", "no_parts", "Payment terms have at least one part.")
    for n, part in enumerate(terms.parts):
        _check_part(f"/parts/{n}", part)
    if terms.discount is not None:
        _check_discount(terms.discount, terms.parts)


def agreed_due_on(
    issued_on: date, due_on: date | None, terms: PaymentTerms | None, delivery: Delivery | None = None
) -> date:
    """The due date of a receivable: `due_on`, or what follows from its payment terms; both only if they agree.

    Raises InvalidInput with a pointer into the receivable's fields.
    """
    if terms is None:
        if due_on is None:
            raise InvalidInput.at("/due_on", "due_on_or_payment_terms_required", "Give due_on or payment_terms.")
        return due_on
    _check_agreed(terms)
    derived = due_date_of(terms, issued_on, delivery)
    if due_on not in (None, derived):
        raise InvalidInput.at(
            "/due_on", "due_on_differs_from_payment_terms", f"By its payment terms it is due on {derived}."
        )
    return derived


def due_date_of(terms: PaymentTerms, issued_on: date, delivery: Delivery | None = None) -> date:
    """The due date by terms of one part, never before the invoice is issued.

    While the day that the terms are anchored on is not known, it is what follows from the day of issue: see `is_provisional`.
    """
    return max(issued_on, due_on(terms.parts[0].due, anchor_date(terms, issued_on, delivery) or issued_on))


def anchor_date(terms: PaymentTerms, issued_on: date, delivery: Delivery | None) -> date | None:
    """The day that the terms count from, None while it is not known.

    >>> on_receipt = PaymentTerms(parts=(TermPart(),), anchor="received_on")
    >>> anchor_date(on_receipt, date(2026, 1, 1), Delivery(delivered_on=date(2026, 1, 3))) is None
    True
    """
    if terms.anchor == "issued_on":
        return issued_on
    day: date | None = None if delivery is None else getattr(delivery, terms.anchor)
    return day


def is_provisional(terms: PaymentTerms | None, delivery: Delivery | None) -> bool:
    """Whether a due date by these terms still waits for the day that they are anchored on."""
    return terms is not None and anchor_date(terms, date.min, delivery) is None


def check_agreed_parts(terms: PaymentTerms) -> None:
    """Raises InvalidInput with a pointer into the receivable's fields unless these are good terms of several parts."""
    _check(terms)
    if len(terms.parts) == 1:
        raise InvalidInput.at("/payment_terms/parts", "several_parts_required", "One part is an ordinary receivable.")


def _check_agreed(terms: PaymentTerms) -> None:
    _check(terms)
    if len(terms.parts) > 1:
        raise InvalidInput.at(
            "/payment_terms/parts", "several_parts_not_supported", "POST /v1/receivables/in-parts takes several parts."
        )


def _check(terms: PaymentTerms) -> None:
    try:
        check_payment_terms(terms)
    except InvalidInput as wrong:
        errors = tuple(FieldError(f"/payment_terms{e.pointer}", e.code, e.detail) for e in wrong.errors)
        raise InvalidInput(wrong.code, wrong.detail, errors) from wrong


def _check_part(at: str, part: TermPart) -> None:
    if part.share <= 0:
        raise InvalidInput.at(f"{at}/share", "share_not_positive", "A share is more than zero.")
    if not 0 <= part.due.days <= LONGEST_DAYS:
        raise InvalidInput.at(f"{at}/due/days", "days_out_of_range", f"days is between 0 and {LONGEST_DAYS}.")
    if (part.due.kind == "day_of_month") != (part.due.day is not None):
        raise InvalidInput.at(f"{at}/due/day", "day_of_month_mismatch", "day goes with the kind day_of_month.")
    if part.due.day is not None and not 1 <= part.due.day <= 31:
        raise InvalidInput.at(f"{at}/due/day", "day_out_of_range", "day is between 1 and 31.")


def _check_discount(discount: Discount, parts: Sequence[TermPart]) -> None:
    if not 0 < discount.rate < 1:
        raise InvalidInput.at("/discount/rate", "rate_out_of_range", "A discount rate is between 0 and 1.")
    if not 0 <= discount.days <= LONGEST_DAYS:
        raise InvalidInput.at("/discount/days", "days_out_of_range", f"days is between 0 and {LONGEST_DAYS}.")
    if len(parts) > 1:
        raise InvalidInput.at("/discount", "discount_of_parts", "A discount goes with terms of one part.")


def _on_or_after(day: date, wanted: int) -> date:
    month = end_of_month(day)
    found = month.replace(day=min(wanted, month.day))
    if found >= day:
        return found
    following = end_of_month(month + timedelta(days=1))
    return following.replace(day=min(wanted, following.day))
