"""PURE: what a dispute does to amounts: how much of what is open is disputed, how a dispute ends, on what no interest accrues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money
from domain.ledger.dispute_model import DisputeOutcome
from domain.ledger.model import Receivable
from domain.ledger.rules.late_interest import Balance
from domain.ledger.rules.standing import check_not_cancelled

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """An amount on which no interest accrues from the day after `from_on` up to and with `until_on` (None: still so)."""

    from_on: date
    until_on: date | None
    amount: Decimal


def effective_disputed(disputed: Decimal, open_amount: Decimal) -> Decimal:
    """How much of what is open is disputed: never more than is open, whatever was contested when more was.

    >>> [str(effective_disputed(Decimal(400), Decimal(left))) for left in (1000, 400, 150, 0)]
    ['400', '400', '150', '0']
    """
    return max(min(disputed, open_amount), _ZERO)


def accepted_of(disputed: Money, outcome: DisputeOutcome, accepted: Money | None) -> Money:
    """What of the disputed amount is accepted; raises InvalidInput where outcome and amount do not go together."""
    if outcome != "partially_accepted":
        if accepted is not None and outcome == "accepted" and accepted == disputed:
            return disputed
        if accepted is not None:
            raise InvalidInput.at(
                "/accepted_amount", "accepted_amount_not_wanted", "Only partially_accepted names an amount."
            )
        return disputed if outcome == "accepted" else Money.zero(disputed.currency)
    if accepted is None:
        raise InvalidInput.at("/accepted_amount", "required", "partially_accepted says how much of it.")
    if accepted.currency != disputed.currency:
        raise InvalidInput.at(
            "/accepted_amount/currency", "currency_mismatch", f"The dispute is about {disputed.currency}."
        )
    if not 0 < accepted.amount < disputed.amount:
        raise InvalidInput.at(
            "/accepted_amount/amount",
            "accepted_amount_out_of_range",
            f"More than nothing and less than {disputed.amount} is accepted in part.",
        )
    return accepted


def check_creditable(receivable: Receivable, accepted: Money) -> None:
    """Raises unless `accepted` is something, and is owed or was paid: whoever was let off it would get it as money otherwise.

    InvalidInput (`nothing_to_credit`), Conflict (`receivable_cancelled`, `credit_exceeds_owed`).
    """
    if not accepted:
        raise InvalidInput.at("/issue_credit", "nothing_to_credit", "Only what was accepted is credited.")
    check_not_cancelled(receivable)
    owed = receivable.amount + receivable.charged_amount - receivable.written_off_amount
    if receivable.discount is not None:
        owed -= receivable.discount.taken_amount
    if accepted > owed:
        detail = f"Only {owed.amount} is owed or paid; the rest was written off or discounted. Take that back first."
        raise Conflict("credit_exceeds_owed", detail)


def undisputed(balances: Sequence[Balance], freezes: Sequence[Freeze]) -> list[Balance]:
    """The balances on which interest accrues: without what is frozen, day by day; both in the order of their days.

    >>> owed = [Balance(date(2026, 1, 1), Decimal(1000)), Balance(date(2026, 3, 1), Decimal(300))]
    >>> disputed = Freeze(from_on=date(2026, 2, 1), until_on=date(2026, 4, 1), amount=Decimal(400))
    >>> [(str(b.from_on), int(b.open_amount)) for b in undisputed(owed, [disputed])]
    [('2026-01-01', 1000), ('2026-02-01', 600), ('2026-03-01', 0), ('2026-04-01', 300)]
    """
    if not freezes:
        return list(balances)
    days = {balance.from_on for balance in balances}
    days |= {day for freeze in freezes for day in (freeze.from_on, freeze.until_on) if day is not None}
    return [_accruing(day, balances, freezes) for day in sorted(days)]


def _accruing(day: date, balances: Sequence[Balance], freezes: Sequence[Freeze]) -> Balance:
    open_amount = next((b.open_amount for b in reversed(balances) if b.from_on <= day), _ZERO)
    frozen = sum((f.amount for f in freezes if f.from_on <= day and (f.until_on is None or day < f.until_on)), _ZERO)
    return Balance(day, open_amount - effective_disputed(frozen, open_amount))
