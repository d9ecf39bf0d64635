"""PURE: planned collection dates: what may be planned, and what of it is covered by what has been settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.ledger.detail_model import CollectionSchedule, Planned, PlannedCollection
from domain.ledger.model import Receivable
from domain.ledger.rules.references import has_control_characters

MOST_ROWS = 200
_LONGEST_NOTE = 200


def covered(amounts: Sequence[Decimal], settled: Decimal) -> list[Decimal]:
    """What of each planned amount is covered by what has been settled, the earliest first.

    >>> [str(part) for part in covered([Decimal(100), Decimal(50), Decimal(50)], Decimal(120))]
    ['100', '20', '0']
    """
    parts = []
    for amount in amounts:
        part = min(amount, settled)
        parts.append(part)
        settled -= part
    return parts


def settled_of(receivable: Receivable) -> Decimal:
    """What has been settled of the invoiced amount and of what was charged on it: all that is neither open nor given up."""
    owed = receivable.amount.amount + receivable.charged_amount.amount
    return max(Decimal(0), owed - receivable.open_amount.amount - receivable.written_off_amount.amount)


def schedule_of(receivable: Receivable, planned: Sequence[Planned], today: date) -> CollectionSchedule:
    """The planned days as they stand on `today`, the customer's: overdue is what passed uncovered while something is open."""
    currency, settled = receivable.amount.currency, settled_of(receivable)
    parts = covered([row.amount.amount for row in planned], settled)
    rows = [
        PlannedCollection(
            planned_on=row.planned_on,
            amount=row.amount,
            note=row.note,
            covered_amount=Money(part, currency),
            overdue=bool(row.planned_on < today and part < row.amount.amount and receivable.open_amount),
            missed_at=row.missed_at,
        )
        for row, part in zip(planned, parts, strict=True)
    ]
    return CollectionSchedule(
        receivable_id=receivable.id,
        planned_amount=Money.total(sum((row.amount.amount for row in planned), Decimal(0)), currency),
        settled_amount=Money.total(settled, currency),
        rows=rows,
        version=receivable.version,
    )


def check_schedule(rows: Sequence[Planned], amount: Money) -> None:
    """Raises InvalidInput at each wrong place: days are unique and ascending, amounts positive and together at most `amount`."""
    if len(rows) > MOST_ROWS:
        raise InvalidInput.at("/rows", "too_many_rows", f"A schedule has at most {MOST_ROWS} rows.")
    wrong = tuple(error for place, row in enumerate(rows) for error in _wrong(f"/rows/{place}", row, amount))
    wrong += tuple(
        FieldError(f"/rows/{place}/planned_on", "dates_not_ascending", "Each day is later than the one before.")
        for place in range(1, len(rows))
        if rows[place].planned_on <= rows[place - 1].planned_on
    )
    if wrong:
        raise InvalidInput("invalid_input", wrong[0].detail, wrong)
    total = sum((row.amount.amount for row in rows), Decimal(0))
    if total > amount.amount:
        detail = f"The rows sum to {total}, the receivable is about {amount.amount} {amount.currency}."
        raise InvalidInput.at("/rows", "schedule_exceeds_amount", detail)


def _wrong(pointer: str, row: Planned, amount: Money) -> Iterator[FieldError]:
    if not is_in_calendar(row.planned_on):
        yield FieldError(f"{pointer}/planned_on", "date_out_of_range", OUT_OF_CALENDAR)
    if row.amount.currency != amount.currency:
        detail = f"The receivable is in {amount.currency}."
        yield FieldError(f"{pointer}/amount/currency", "currency_mismatch", detail)
    elif row.amount.amount <= 0:
        yield FieldError(f"{pointer}/amount/amount", "amount_not_positive", "The amount is more than zero.")
    if row.note is not None and not 1 <= len(row.note) <= _LONGEST_NOTE:
        yield FieldError(f"{pointer}/note", "length_out_of_range", f"A note has 1 to {_LONGEST_NOTE} characters.")
    elif row.note is not None and has_control_characters(row.note):
        yield FieldError(f"{pointer}/note", "control_character", "A note has no control characters.")
