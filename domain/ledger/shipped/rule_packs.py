"""Shipped charge rules: contract and law as data, each with its source. They are examples to be checked, not legal advice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.kernel.money import Money
from domain.ledger.charge_model import RulePack
from domain.ledger.rules.charging import ChargeTerms, FixedCharge, Tier
from domain.ledger.rules.late_interest import BaseRate, InterestRule

_ECB = "https://www.ecb.europa.eu, main refinancing rate"


def _interest(rule: InterestRule) -> ChargeTerms:
    return ChargeTerms(late_interest=rule)


def _tiers(currency: str, *tiers: tuple[int | None, int]) -> ChargeTerms:
    return ChargeTerms(
        fixed=FixedCharge(
            tiers=tuple(
                Tier(
                    below=None if below is None else Money(Decimal(below), currency),
                    amount=Money(Decimal(amount), currency),
                )
                for below, amount in tiers
            )
        )
    )


RULE_PACKS = (
    RulePack(
        key="contract_thousandth_a_day",
        name="0.1 % a day by contract",
        component="interest",
        terms=_interest(InterestRule(rate=Decimal("0.001"), rate_period="day")),
        source="A clause of the contract: 0.1 % of the unpaid amount for each day of delay.",
        valid_from=None,
    ),
    RulePack(
        key="cn_802",
        name="China: payments to small and medium enterprises, 0.05 % a day",
        component="interest",
        terms=_interest(InterestRule(rate=Decimal("0.0005"), rate_period="day")),
        source="State Council order 802 (2025), article 17: 0.05 % a day where nothing was agreed.",
        valid_from=date(2025, 6, 1),
    ),
    RulePack(
        key="eu_2011_7",
        name="EU: reference rate plus 8 points",
        component="interest",
        terms=_interest(
            InterestRule(
                rate=Decimal("0.08"),
                rate_period="year",
                base_rates=(BaseRate(from_on=date(2025, 7, 1), rate=Decimal("0.0215")),),
                rate_fixing="floating",
            )
        ),
        source=f"Directive 2011/7/EU, articles 2(5), 2(6) and 3(2); reference rate of 1 January and 1 July: {_ECB}; keep it up to date.",
        valid_from=date(2013, 3, 16),
    ),
    RulePack(
        key="eu_2011_7_compensation",
        name="EU: fixed compensation of 40 EUR",
        component="cost",
        terms=_tiers("EUR", (None, 40)),
        source="Directive 2011/7/EU, article 6(1): a fixed sum of at least EUR 40, without a reminder.",
        valid_from=date(2013, 3, 16),
    ),
    RulePack(
        key="uk_late_payment",
        name="UK: base rate plus 8 %, fixed when interest starts to run",
        component="interest",
        terms=_interest(
            InterestRule(
                rate=Decimal("0.08"),
                rate_period="year",
                base_rates=(BaseRate(from_on=date(2025, 7, 1), rate=Decimal("0.0425")),),
                rate_fixing="at_start",
            )
        ),
        source="SI 2002/1675, article 4: 8 % over the official dealing rate of the 30 June or 31 December before; keep it up to date.",
        valid_from=date(2002, 8, 7),
    ),
    RulePack(
        key="uk_late_payment_compensation",
        name="UK: fixed compensation of 40, 70 or 100 GBP",
        component="cost",
        terms=_tiers("GBP", (1000, 40), (10000, 70), (None, 100)),
        source="Late Payment of Commercial Debts (Interest) Act 1998, section 5A.",
        valid_from=date(2002, 8, 7),
    ),
)
