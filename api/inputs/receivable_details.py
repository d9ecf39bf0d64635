"""What a client may say of a receivable's lines, documents and planned collection dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from api.inputs.fields import MoneyIn, Name
from domain.kernel.money import Money
from domain.ledger.detail_model import DocumentKind, Line, Planned
from domain.ledger.rules.collection_schedule import MOST_ROWS
from domain.ledger.rules.lines import MOST_LINES

# Signs are taken here and refused by name further in, where the error can say what is wrong with them.
Quantity = Annotated[str, msgspec.Meta(max_length=24, pattern=r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$")]
TaxRate = Annotated[str, msgspec.Meta(max_length=16, pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$")]


class LineIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A line of an invoice: `amount` without tax, `tax_rate` as a fraction (0.13 is 13 %)."""

    product: Name | None = None
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    quantity: Quantity
    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    unit_price: MoneyIn | None = None
    amount: MoneyIn
    tax_rate: TaxRate | None = None
    tax_amount: MoneyIn | None = None


Lines = Annotated[list[LineIn], msgspec.Meta(max_length=MOST_LINES)]


class LinesIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All lines of a receivable; with their tax they sum to its amount."""

    lines: Lines


class NewDocument(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a document lies (https, never fetched) and its SHA-256 in lower-case hexadecimal digits."""

    kind: DocumentKind
    title: Name
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    sha256: Annotated[str, msgspec.Meta(max_length=100)]
    media_type: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    size_bytes: int | None = None


class PlannedIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An amount and the day on which it is planned to be collected."""

    planned_on: date
    amount: MoneyIn
    note: Name | None = None


class ScheduleIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All planned days of a receivable, ascending; together at most its amount."""

    rows: Annotated[list[PlannedIn], msgspec.Meta(max_length=MOST_ROWS)]


def lines_of(given: list[LineIn]) -> list[Line]:
    """The lines in the domain's form; raises InvalidInput for an amount that its currency does not have."""
    return [_line_of(f"/lines/{place}", line) for place, line in enumerate(given)]


def planned_of(data: ScheduleIn) -> list[Planned]:
    """The rows in the domain's form; raises InvalidInput for an amount that its currency does not have."""
    return [
        Planned(planned_on=row.planned_on, amount=row.amount.money(f"/rows/{place}/amount"), note=row.note)
        for place, row in enumerate(data.rows)
    ]


def _line_of(pointer: str, line: LineIn) -> Line:
    return Line(
        product=line.product,
        description=line.description,
        quantity=Decimal(line.quantity),
        unit=line.unit,
        unit_price=_money(line.unit_price, f"{pointer}/unit_price"),
        amount=line.amount.money(f"{pointer}/amount"),
        tax_rate=None if line.tax_rate is None else Decimal(line.tax_rate),
        tax_amount=_money(line.tax_amount, f"{pointer}/tax_amount"),
    )


def _money(given: MoneyIn | None, pointer: str) -> Money | None:
    return None if given is None else given.money(pointer)
