"""PURE: the terms of charge rules: late interest, a flat fee, a fixed compensation by the size of the debt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money
from domain.ledger.model import Receivable
from domain.ledger.rules.components import Component
from domain.ledger.rules.disputing import Freeze
from domain.ledger.rules.late_interest import Accrual, Balance, InterestRule, accrue


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The compensation for a debt below `below` (None: of any size)."""

    below: Money | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedCharge:
    """A fee or compensation that is charged once, by the invoiced amount: the first tier that fits."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTerms:
    """Exactly one of the two."""

    late_interest: InterestRule | None = None
    fixed: FixedCharge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtFacts:
    """What charging needs to know of a receivable; `charged` is what the rule has charged so far, waived or not.

    `due_on` is None while the due date is provisional: nothing is late then.
    """

    invoiced: Money
    due_on: date | None
    balances: Sequence[Balance]
    charged: Decimal


@dataclass(frozen=True, slots=True)
class Charging:
    """What a rule comes to on a day: in all, and what of it is not charged yet."""

    total: Money
    due: Money
    accrual: Accrual | None


def charging(terms: ChargeTerms, debt: DebtFacts, as_of: date) -> Charging:
    """What the terms come to for a debt on `as_of`; nothing before it is overdue, and of a fixed charge nothing more, ever."""
    currency, accrual = debt.invoiced.currency, None
    if debt.due_on is None:
        return Charging(Money.zero(currency), Money.zero(currency), None)
    if terms.late_interest is not None:
        accrual = accrue(terms.late_interest, debt.due_on, debt.balances, as_of, currency)
        total = accrual.interest
    else:
        assert terms.fixed is not None
        total = fixed_amount(terms.fixed, debt.invoiced) if as_of > debt.due_on else Money.zero(currency)
    is_done = terms.fixed is not None and debt.charged > 0
    due = Decimal(0) if is_done else max(total.amount - debt.charged, Decimal(0))
    return Charging(total, Money(due, currency), accrual)


def fixed_amount(fixed: FixedCharge, invoiced: Money) -> Money:
    """The compensation for a debt; raises Conflict if the rule has none in its currency.

    >>> gbp = lambda amount: Money(Decimal(amount), "GBP")
    >>> tiers = ((gbp(1000), gbp(40)), (gbp(10000), gbp(70)), (None, gbp(100)))
    >>> uk = FixedCharge(tiers=tuple(Tier(below=below, amount=amount) for below, amount in tiers))
    >>> [str(fixed_amount(uk, gbp(amount)).amount) for amount in ("999.99", "1000", "9999.99", "10000")]
    ['40.00', '70.00', '70.00', '100.00']
    """
    for tier in fixed.tiers:
        if tier.amount.currency == invoiced.currency and (tier.below is None or invoiced < tier.below):
            return tier.amount
    raise Conflict("no_charge_in_currency", f"The rule has no amount in {invoiced.currency}.")


def check_chargeable(receivable: Receivable) -> None:
    """Raises Conflict (`receivable_cancelled`): what was never owed bears no charges."""
    if receivable.status == "cancelled":
        raise Conflict("receivable_cancelled", f"The receivable was cancelled on {receivable.cancelled_on}.")


def check_stands(receivable: Receivable, freezes: Sequence[Freeze]) -> None:
    """Raises Conflict unless something is open of the receivable that is due on a known day and not disputed as a whole."""
    if not receivable.open_amount:
        raise Conflict("receivable_settled", "Nothing of the receivable is open.")
    if receivable.due_on_is_provisional:
        raise Conflict("due_date_provisional", "It is not known yet when the receivable is due.")
    disputed = sum((freeze.amount for freeze in freezes if freeze.until_on is None), Decimal(0))
    if disputed >= receivable.open_amount.amount:
        raise Conflict("disputed", "All that is open of the receivable is disputed.")


def check_terms_of_charge(terms: ChargeTerms, component: Component) -> None:
    """Raises InvalidInput with a pointer at the first thing that cannot be charged by."""
    if (terms.late_interest is None) == (terms.fixed is None):
        raise InvalidInput.at("/terms", "one_kind_of_terms", "Give late_interest or fixed.")
    if (terms.late_interest is not None) != (component == "interest"):
        raise InvalidInput.at(
            "/component", "component_mismatch", "late_interest is interest, fixed is a fee or a cost."
        )
    if terms.late_interest is not None:
        _check_interest(terms.late_interest)
    if terms.fixed is not None:
        _check_fixed(terms.fixed)


def _check_interest(rule: InterestRule) -> None:
    at = "/terms/late_interest"
    if not 0 <= rule.rate <= 10:
        raise InvalidInput.at(f"{at}/rate", "rate_out_of_range", "A rate is between 0 and 10.")
    if rule.rate_period == "day" and rule.base_rates:
        raise InvalidInput.at(f"{at}/base_rates", "base_rate_of_a_year", "A reference rate goes with a rate a year.")
    for name in ("grace_days", "max_days"):
        days = getattr(rule, name)
        if days is not None and not 0 <= days <= 36500:
            raise InvalidInput.at(f"{at}/{name}", "days_out_of_range", "Days are between 0 and 36500.")
    if rule.cap_rate is not None and not 0 < rule.cap_rate <= 10:
        raise InvalidInput.at(f"{at}/cap_rate", "rate_out_of_range", "A cap is between 0 and 10.")
    if rule.minimum < 0:
        raise InvalidInput.at(f"{at}/minimum", "amount_negative", "The minimum is not negative.")


def _check_fixed(fixed: FixedCharge) -> None:
    if not fixed.tiers:
        raise InvalidInput.at("/terms/fixed/tiers", "no_tiers", "A fixed charge has at least one amount.")
    for n, tier in enumerate(fixed.tiers):
        if tier.amount.amount <= 0:
            raise InvalidInput.at(
                f"/terms/fixed/tiers/{n}/amount", "amount_not_positive", "The amount is more than zero."
            )
        if tier.below is not None and tier.below.currency != tier.amount.currency:
            raise InvalidInput.at(f"/terms/fixed/tiers/{n}/below", "currency_mismatch", "A tier has one currency.")
