"""Charges on top of what was invoiced, and the rules by which they are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from domain.kernel.money import Money
from domain.ledger.rules.charging import ChargeTerms

ChargeComponent = Literal["interest", "fee", "cost"]
ChargeRuleState = Literal["active", "archived"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRule:
    """How a tenant charges for being paid late. `source` names the contract or law; the dates bound which debts it is for, by due date."""

    id: str
    name: str
    component: ChargeComponent
    terms: ChargeTerms
    source: str | None
    valid_from: date | None
    valid_to: date | None
    state: ChargeRuleState
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """A shipped example of a charge rule with its source: to be checked and installed, not law to be trusted blindly."""

    key: str
    name: str
    component: ChargeComponent
    terms: ChargeTerms
    source: str
    valid_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An amount added to a receivable; what is waived of it is not owed any more."""

    id: str
    receivable_id: str
    customer_id: str
    rule_id: str | None
    component: ChargeComponent
    amount: Money
    waived_amount: Money
    reason: str | None
    waiver_reason: str | None
    effective_on: date
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSegment:
    """A run of days, both included, with one open amount and one rate; `interest` is exact to ten digits, not rounded to money."""

    first_on: date
    last_on: date
    open_amount: Money
    rate: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePreview:
    """What a rule comes to for a receivable on a day: in all, and what of it is not charged yet. Nothing is stored."""

    receivable_id: str
    rule_id: str
    as_of: date
    total: Money
    due: Money
    segments: list[InterestSegment]
