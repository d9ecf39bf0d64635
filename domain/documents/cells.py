"""PURE: rows of a CSV file that people open in a spreadsheet.

A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection), since names, numbers and
references come from outside. Amounts are Decimals and stay numbers, also negative ones. Lines end in CRLF, as RFC 4180 has them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it, Excel in Chinese takes a UTF-8 file for GBK."""
Cell = str | Decimal | date | int | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would otherwise run it; blanks in front do not hide a formula.

    >>> safe("=HYPERLINK(1)"), safe(" +86 138"), safe("INV-1")
    ("'=HYPERLINK(1)", "' +86 138", 'INV-1')
    """
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def encoded(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as lines of UTF-8; None is an empty cell, a date is ISO 8601, an amount has the digits that it has.

    >>> encoded([("-1", Decimal("-1.50"), None, date(2026, 1, 5))])
    b"'-1,-1.50,,2026-01-05\\r\\n"
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_written(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return safe(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "" if cell is None else str(cell)
