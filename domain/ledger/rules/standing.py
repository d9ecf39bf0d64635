"""PURE: how a receivable stands: its status, whether it is overdue, and what a change of its terms makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar, start_of_day
from domain.kernel.errors import Conflict, FieldError, InvalidInput
from domain.kernel.metadata import faults_of_metadata
from domain.kernel.money import Money
from domain.ledger.model import Held, OpenParts, Receivable, ReceivableStatus
from domain.ledger.rules.components import only
from domain.ledger.rules.early_payment import offered
from domain.ledger.rules.payment_terms import due_date_of, is_provisional

LONGEST_NAME = 200


SETTLED: frozenset[ReceivableStatus] = frozenset({"paid", "written_off", "cancelled"})
"""The statuses in which nothing is open."""


def status_of(
    amount: Decimal, open_amount: Decimal, written_off: Decimal = Decimal(0), *, is_cancelled: bool = False
) -> ReceivableStatus:
    """What an amount, its open part and the part given up amount to.

    >>> [status_of(Decimal(100), Decimal(left), Decimal(lost)) for left, lost in ((100, 0), (60, 40), (60, 0), (0, 0), (0, 1))]
    ['open', 'open', 'partly_paid', 'paid', 'written_off']
    """
    if is_cancelled:
        return "cancelled"
    if not open_amount:
        return "written_off" if written_off else "paid"
    return "open" if open_amount + written_off == amount else "partly_paid"


def days_overdue(due_on: date, open_amount: Decimal, today: date, *, is_provisional: bool = False) -> int:
    """Full days since the due date in the customer's calendar; 0 when nothing is open, or the due date is provisional.

    >>> days_overdue(date(2026, 1, 31), Decimal(1), date(2026, 2, 2))
    2
    """
    return max(0, (today - due_on).days) if open_amount and not is_provisional else 0


@lru_cache(maxsize=10_000)
def turns_overdue_at(due_on: date, time_zone: str) -> datetime:
    """The instant at which the customer's day after `due_on` begins."""
    return start_of_day(due_on + timedelta(days=1), time_zone)


def standing_on(receivable: Receivable, today: date, **changes: Any) -> Receivable:
    """The receivable with `changes`, and with what depends on amounts and dates derived anew."""

    def now(name: str) -> Any:
        return changes[name] if name in changes else getattr(receivable, name)

    is_provisional = now("due_on_is_provisional")
    days = days_overdue(now("due_on"), now("open_amount").amount, today, is_provisional=is_provisional)
    status = status_of(
        now("amount").amount + now("charged_amount").amount,
        now("open_amount").amount,
        now("written_off_amount").amount,
        is_cancelled=now("cancelled_on") is not None,
    )
    return replace(receivable, **changes, status=status, overdue=days > 0, days_overdue=days)


def revised(receivable: Receivable, changes: dict[str, Any], today: date) -> Receivable:
    """The receivable with changed terms; raises Conflict if what was settled or agreed does not allow them."""
    amount: Money = changes.get("amount", receivable.amount)
    if receivable.cancelled_on is not None:
        if all(getattr(receivable, name) == value for name, value in changes.items()):
            return receivable
        check_not_cancelled(receivable)
    if changes.get("customer_id", receivable.customer_id) != receivable.customer_id:
        raise Conflict("customer_immutable", "A receivable stays with its customer.")
    if amount.currency != receivable.amount.currency:
        raise Conflict("currency_immutable", f"The receivable is in {receivable.amount.currency}.")
    difference = amount - receivable.amount
    open_amount = receivable.open_amount + difference
    open_parts = receivable.open_parts.bare + only("principal", difference.amount)
    if open_parts.principal < 0:
        settled = receivable.amount - receivable.open_parts.principal
        raise Conflict("amount_below_settled", f"{settled.amount} {settled.currency} of it are settled already.")
    changed = replace(
        receivable, **{**changes, "open_amount": open_amount, "open_parts": OpenParts.of(open_parts, amount.currency)}
    )
    check_terms(issued_on=changed.issued_on, due_on=changed.due_on)
    changed = replace(changed, due_on_is_provisional=is_provisional(changed.payment_terms, changed.delivery))
    return standing_on(_with_discount(receivable, changed), today)


def _with_discount(before: Receivable, changed: Receivable) -> Receivable:
    """The changed receivable with what its terms offer now; a discount that was taken holds the terms it was taken by."""
    terms = changed.payment_terms
    if terms is not None and changed.due_on != due_date_of(terms, changed.issued_on, changed.delivery):
        raise Conflict(
            "due_on_differs_from_payment_terms", "Its due date follows from its payment terms; change those."
        )
    discount = offered(terms, changed.amount, changed.issued_on, delivery=changed.delivery)
    taken = before.discount.taken_amount if before.discount else None
    if not taken:
        return replace(changed, discount=discount)
    kept = None if discount is None else replace(discount, taken_amount=taken)
    compared = kept
    if kept is not None and before.discount is not None and changed.delivery != before.delivery:
        # What becomes known of the delivery moves the last day; what was discounted before stays.
        compared = replace(kept, until=before.discount.until)
    if compared != before.discount or changed.amount != before.amount:
        raise Conflict(
            "discount_taken", f"A discount of {taken.amount} was taken; take the payment's allocation back first."
        )
    return replace(changed, discount=kept)


def touched(held: Held, now: datetime) -> Held:
    """A locked receivable of which something beside its own fields changed at `now`: only its version goes up."""
    receivable = replace(held.receivable, version=held.receivable.version + 1, updated_at=now)
    return replace(held, receivable=receivable)


def check_not_cancelled(receivable: Receivable) -> None:
    """Raises Conflict for a receivable that was cancelled."""
    if receivable.cancelled_on is not None:
        raise Conflict("receivable_cancelled", f"The receivable was cancelled on {receivable.cancelled_on}.")


def overdue_at_after(held: Held, changed: Receivable) -> datetime | None:
    """When a changed receivable is to be announced overdue; None if it is settled, or announced for this due date before.

    None as well while its due date is provisional.
    """
    before = held.receivable
    if changed.status in SETTLED or changed.due_on_is_provisional:
        return None
    if changed.due_on != before.due_on or before.status in SETTLED or before.due_on_is_provisional:
        return turns_overdue_at(changed.due_on, held.time_zone)
    return held.overdue_at


def check_terms(**terms: Any) -> None:
    """Raises InvalidInput naming every wrong one among the given terms."""
    errors = tuple(_wrong(terms))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def _wrong(terms: dict[str, Any]) -> Iterator[FieldError]:
    for name in ("external_id", "number", "reference", "method", "reason", "note"):
        text = terms.get(name)
        if text is not None and not 1 <= len(text) <= LONGEST_NAME:
            yield FieldError(f"/{name}", "length_out_of_range", f"{name} has 1 to {LONGEST_NAME} characters.")
    for name in ("issued_on", "due_on", "received_on"):
        day = terms.get(name)
        if day is not None and not is_in_calendar(day):
            yield FieldError(f"/{name}", "date_out_of_range", OUT_OF_CALENDAR)
    issued_on, due_on = terms.get("issued_on"), terms.get("due_on")
    if issued_on is not None and due_on is not None and due_on < issued_on:
        yield FieldError("/due_on", "due_before_issue", "due_on is not before issued_on.")
    if "amount" in terms and terms["amount"].amount <= 0:
        yield FieldError("/amount/amount", "amount_not_positive", "The amount is more than zero.")
    yield from faults_of_metadata(terms.get("metadata"))
