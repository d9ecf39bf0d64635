"""PURE: the discount for paying early: what is offered, when a payment earns it, and when taking a payment back loses it.

Only principal that payments settle counts; what credit notes or write-offs settle was not paid early.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.kernel.money import Money
from domain.ledger.model import EarlyPaymentDiscount, Receivable
from domain.ledger.rules.payment_terms import PaymentTerms, discount_amount, discount_until, is_discount_earned

_ZERO = Decimal(0)


def offered(
    terms: PaymentTerms | None, amount: Money, issued_on: date, taken: Decimal = _ZERO
) -> EarlyPaymentDiscount | None:
    """What the terms offer for `amount`, and how much of it was taken."""
    if terms is None or terms.discount is None:
        return None
    return EarlyPaymentDiscount(
        rate=terms.discount.rate,
        amount=discount_amount(terms.discount, amount),
        until=discount_until(terms.discount, issued_on),
        taken_amount=Money(taken, amount.currency),
    )


def is_in_time(receivable: Receivable, paid_on: date) -> bool:
    """Whether a payment received on `paid_on` counts for the receivable's discount."""
    return receivable.discount is not None and paid_on <= receivable.discount.until


def earned_by(receivable: Receivable, before: Decimal, settled: Decimal, paid_on: date) -> Decimal:
    """The discount that a payment earns by settling `settled` of the principal after `before` was paid in time.

    It is the payment that reaches the amount less the discount; of the discount there is never more than what it leaves open.
    """
    if receivable.discount is None or receivable.discount.taken_amount:
        return _ZERO
    if _is_earned(receivable, before, paid_on) or not _is_earned(receivable, before + settled, paid_on):
        return _ZERO
    return min(receivable.discount.amount.amount, receivable.open_parts.principal.amount - settled)


def lost_by(receivable: Receivable, before: Decimal, undone: Decimal, paid_on: date) -> Decimal:
    """The taken discount that does not hold once `undone` of the `before` that was paid in time is taken back."""
    if receivable.discount is None or not is_in_time(receivable, paid_on):
        return _ZERO
    return _ZERO if _is_earned(receivable, before - undone, paid_on) else receivable.discount.taken_amount.amount


def _is_earned(receivable: Receivable, paid: Decimal, paid_on: date) -> bool:
    terms, whole = receivable.payment_terms, receivable.amount
    if terms is None or terms.discount is None:
        return False
    return is_discount_earned(terms.discount, whole, receivable.issued_on, Money(paid, whole.currency), paid_on)
