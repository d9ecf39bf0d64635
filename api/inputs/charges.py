"""What a client may say of charges and charge rules; rates are decimal strings (0.001 is 0.1 %)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from api.inputs.fields import Amount, Id, MoneyIn, Name, given
from domain.ledger.charge_model import ChargeComponent
from domain.ledger.rules.charging import ChargeTerms, FixedCharge, Tier
from domain.ledger.rules.day_count import DayCount
from domain.ledger.rules.late_interest import BaseRate, InterestRule, RateFixing, RatePeriod, Rounding

Rate = Annotated[str, msgspec.Meta(max_length=16, pattern=r"^-?[0-9]{1,2}(\.[0-9]{1,10})?$")]
Days = Annotated[int, msgspec.Meta(ge=0, le=36500)]
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class BaseRateIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A published reference rate a year and the first day on which it holds."""

    from_on: date
    rate: Rate


class LateInterestIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How late interest accrues; with `base_rates`, `rate` is the spread on top."""

    rate: Rate
    rate_period: RatePeriod
    day_count: DayCount = "ACT/365F"
    base_rates: Annotated[list[BaseRateIn], msgspec.Meta(max_length=200)] = []
    rate_fixing: RateFixing = "at_start"
    grace_days: Days = 0
    max_days: Days | None = None
    cap_rate: Rate | None = None
    minimum: Amount = "0"
    rounding: Rounding = "half_up"


class TierIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The amount for a debt below `below`, of any size without it."""

    below: MoneyIn | None = None
    amount: MoneyIn


class FixedChargeIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A fee or compensation that is charged once: the first tier that fits."""

    tiers: Annotated[list[TierIn], msgspec.Meta(min_length=1, max_length=50)]


class ChargeTermsIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Exactly one of the two."""

    late_interest: LateInterestIn | None = None
    fixed: FixedChargeIn | None = None


class NewChargeRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A rule to be registered; the dates bound which debts it is for, by due date."""

    name: Name
    component: ChargeComponent
    terms: ChargeTermsIn
    source: Source | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class RuleChargeRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """By which rule, and up to which day (today without one)."""

    rule_id: Id
    as_of: date | None = None


class NewCharge(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An amount added by hand."""

    component: ChargeComponent
    amount: MoneyIn
    reason: Name
    effective_on: date | None = None


class ChargeWaiverRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why, and how much: all that is open without an amount."""

    reason: Name
    amount: MoneyIn | None = None


def rule_of(data: NewChargeRule) -> dict[str, Any]:
    """The arguments of the use case."""
    return {**given(data), "terms": _terms(data.terms)}


def charge_of(data: NewCharge | ChargeWaiverRequest) -> dict[str, Any]:
    """The arguments of the use case."""
    return {**given(data), "amount": None if data.amount is None else data.amount.money("/amount")}


def _terms(data: ChargeTermsIn) -> ChargeTerms:
    interest = None if data.late_interest is None else _interest(data.late_interest)
    fixed = None
    if data.fixed is not None:
        fixed = FixedCharge(tiers=tuple(_tier(f"/terms/fixed/tiers/{n}", t) for n, t in enumerate(data.fixed.tiers)))
    return ChargeTerms(late_interest=interest, fixed=fixed)


def _interest(data: LateInterestIn) -> InterestRule:
    told = given(data)
    return InterestRule(
        **{
            **told,
            "rate": Decimal(data.rate),
            "base_rates": tuple(BaseRate(from_on=b.from_on, rate=Decimal(b.rate)) for b in data.base_rates),
            "cap_rate": None if data.cap_rate is None else Decimal(data.cap_rate),
            "minimum": Decimal(data.minimum),
        }
    )


def _tier(at: str, data: TierIn) -> Tier:
    below = None if data.below is None else data.below.money(f"{at}/below")
    return Tier(below=below, amount=data.amount.money(f"{at}/amount"))
