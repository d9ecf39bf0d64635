"""PURE: when and how an invoice, or what it is for, reached the customer and was acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.errors import FieldError, InvalidInput

DeliveryMethod = Literal["email", "post", "courier", "portal", "in_person", "other"]

_DAYS = ("delivered_on", "received_on", "accepted_on")
_TEXTS = ("reference", "acknowledged_by")
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is known of a delivery: nothing is before what it follows. `reference` is for example a tracking number.

    Goods may be delivered, received and accepted before their invoice is issued, so no day is compared with that of issue.
    """

    delivered_on: date | None = None
    received_on: date | None = None
    accepted_on: date | None = None
    method: DeliveryMethod | None = None
    reference: str | None = None
    acknowledged_by: str | None = None


def check_delivery(delivery: Delivery | None, at: str = "") -> Delivery | None:
    """The delivery, None if it says nothing; raises InvalidInput naming every wrong field below the pointer `at`."""
    if delivery is None or delivery == Delivery():
        return None
    errors = tuple(_wrong(delivery, at))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)
    return delivery


def _wrong(delivery: Delivery, at: str) -> Iterator[FieldError]:
    for name in _TEXTS:
        text = getattr(delivery, name)
        if text is not None and not 1 <= len(text) <= _LONGEST:
            yield FieldError(f"{at}/{name}", "length_out_of_range", f"{name} has 1 to {_LONGEST} characters.")
    known = [(name, day) for name in _DAYS if (day := getattr(delivery, name)) is not None]
    for name, day in known:
        if not is_in_calendar(day):
            yield FieldError(f"{at}/{name}", "date_out_of_range", OUT_OF_CALENDAR)
    for (earlier, first), (later, second) in combinations(known, 2):
        if second < first:
            yield FieldError(f"{at}/{later}", f"{later.removesuffix('_on')}_too_early", f"{later} is before {earlier}.")
            return
