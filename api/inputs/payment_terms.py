"""What a client may say of payment terms; shares and rates are decimal strings (a rate of 0.02 is 2 %)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from domain.ledger.rules.payment_terms import Anchor, Discount, DueKind, DueRule, PaymentTerms, TermPart

Share = Annotated[str, msgspec.Meta(max_length=16, pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
Rate = Annotated[str, msgspec.Meta(max_length=16, pattern=r"^[0-9]{1,2}(\.[0-9]{1,10})?$")]


class DueRuleIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a due date follows from the anchor date: `days` after it, to the end of a month before or after, or to a `day` of a month."""

    kind: DueKind = "net"
    days: int = 0
    day: int | None = None


class TermPartIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A share of the whole and when it is due."""

    share: Share = "1"
    due: DueRuleIn


class DiscountIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What paying within `days` of the anchor date saves, as a rate of the amount: 2/10 is rate 0.02, days 10."""

    rate: Rate
    days: int


class PaymentTermsIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """When an amount is due after its anchor date, and what paying early saves."""

    parts: Annotated[list[TermPartIn], msgspec.Meta(max_length=100)]
    anchor: Anchor = "issued_on"
    discount: DiscountIn | None = None


def payment_terms_of(data: PaymentTermsIn | None) -> PaymentTerms | None:
    """The terms in the domain's form; whether they can be agreed on is for the use case to say."""
    if data is None:
        return None
    parts = (
        TermPart(share=Decimal(p.share), due=DueRule(kind=p.due.kind, days=p.due.days, day=p.due.day))
        for p in data.parts
    )
    discount = None
    if data.discount is not None:
        discount = Discount(rate=Decimal(data.discount.rate), days=data.discount.days)
    return PaymentTerms(parts=tuple(parts), anchor=data.anchor, discount=discount)
