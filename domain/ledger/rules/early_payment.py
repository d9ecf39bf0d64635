"""PURE: the discount for paying early: what is offered, when a payment earns it, and when taking a payment back loses it.

Only principal that payments settle counts; what credit notes or write-offs settle was not paid early.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.kernel.money import Money
from domain.ledger.model import EarlyPaymentDiscount, Receivable
from domain.ledger.rules.delivery import Delivery
from domain.ledger.rules.payment_terms import (
    PaymentTerms,
    anchor_date,
    discount_amount,
    discount_until,
    is_discount_earned,
)

_ZERO = Decimal(0)


def offered(
    terms: PaymentTerms | None,
    amount: Money,
    issued_on: date,
    taken: Decimal = _ZERO,
    delivery: Delivery | None = None,
) -> EarlyPaymentDiscount | None:
    """What the terms offer for `amount`, and how much of it was taken; without a last day while their anchor is not known."""
    if terms is None or terms.discount is None:
        return None
    anchor = anchor_date(terms, issued_on, delivery)
    return EarlyPaymentDiscount(
        rate=terms.discount.rate,
        amount=discount_amount(terms.discount, amount),
        until=None if anchor is None else discount_until(terms.discount, anchor),
        taken_amount=Money(taken, amount.currency),
    )


def is_in_time(receivable: Receivable, paid_on: date) -> bool:
    """Whether a payment received on `paid_on` counts for the receivable's discount."""
    return receivable.discount is not None and paid_on <= counts_until(receivable)


def counts_until(receivable: Receivable) -> date:
    """The last day on which a payment counts for the receivable's discount.

    It has none while the day that the terms are anchored on is not known. Nor has it once a discount was taken whose anchor may
    have been told or corrected since: what was discounted stays until the payments that earned it are taken back.
    """
    discount, terms = receivable.discount, receivable.payment_terms
    if discount is None or discount.until is None:
        return date.max
    is_movable = terms is not None and terms.anchor != "issued_on"
    return date.max if is_movable and discount.taken_amount else discount.until


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
    until = counts_until(receivable)
    return is_discount_earned(terms.discount, whole, until, Money(paid, whole.currency), paid_on)
