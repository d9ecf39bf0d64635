"""PURE: whether the lines of an invoice make up what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.ledger.detail_model import Line
from domain.ledger.rules.references import has_control_characters

MOST_LINES = 500
_LONGEST = {"product": 200, "description": 500, "unit": 40}


def numbered(lines: Sequence[Line]) -> list[Line]:
    """The lines with their positions, from 1."""
    return [replace(line, position=place) for place, line in enumerate(lines, 1)]


def check_lines(lines: Sequence[Line], amount: Money) -> None:
    """Raises InvalidInput at each wrong place, and where the lines with their tax do not sum to `amount`; no lines are right."""
    if len(lines) > MOST_LINES:
        raise InvalidInput.at("/lines", "too_many_lines", f"A receivable has at most {MOST_LINES} lines.")
    wrong = tuple(error for place, line in enumerate(lines) for error in _wrong(f"/lines/{place}", line, amount))
    if wrong:
        raise InvalidInput("invalid_input", wrong[0].detail, wrong)
    total = sum((line.amount.amount + (line.tax_amount.amount if line.tax_amount else 0) for line in lines), Decimal(0))
    if lines and total != amount.amount:
        detail = f"The lines and their tax sum to {total}, the receivable is about {amount.amount} {amount.currency}."
        raise InvalidInput.at("/lines", "lines_do_not_sum", detail)


def _wrong(pointer: str, line: Line, amount: Money) -> Iterator[FieldError]:
    for name, longest in _LONGEST.items():
        text = getattr(line, name)
        if text is not None and not 1 <= len(text) <= longest:
            yield FieldError(f"{pointer}/{name}", "length_out_of_range", f"{name} has 1 to {longest} characters.")
        elif text is not None and has_control_characters(text):
            yield FieldError(f"{pointer}/{name}", "control_character", f"{name} has no control characters.")
    if line.quantity <= 0:
        yield FieldError(f"{pointer}/quantity", "quantity_not_positive", "The quantity is more than zero.")
    if line.tax_rate is not None and not 0 <= line.tax_rate <= 1:
        yield FieldError(f"{pointer}/tax_rate", "rate_out_of_range", "A tax rate is between 0 and 1; 0.13 is 13 %.")
    for name in ("unit_price", "amount", "tax_amount"):
        money = getattr(line, name)
        if money is not None and money.currency != amount.currency:
            detail = f"The receivable is in {amount.currency}."
            yield FieldError(f"{pointer}/{name}/currency", "currency_mismatch", detail)
