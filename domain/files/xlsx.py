"""PURE: the records of one sheet of a workbook (XLSX), row by row; the container may lie in a temporary file.

Numbers and dates are told as text: a number as its shortest decimal, a day as 2026-01-31, whatever the sheet shows. Formulas are
refused and the values that were stored with them are not looked at: nobody has checked that they belong to each other.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook

from domain.files.records import NO_FAULTS, Fault, FileRefused, Record
from domain.files.xlsx_guard import MOST_COLUMNS, MOST_ROWS, check_parts, malformed, open_container, too_long, too_wide

# It warns of styles and extensions that it does not keep, and of days that no calendar has; those are faults of their cells.
warnings.filterwarnings("ignore", module="openpyxl")
_FORMULA = Fault("formula_not_allowed", "A cell holds a value, not a formula.")
_ERROR = Fault("error_cell", "The cell holds an error of the spreadsheet.")
# What openpyxl and zipfile raise for content that is not what it says: neither has a family of its own for that.
_WRONG = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    ArithmeticError,
    ParseError,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,
)


class Workbook:
    """A workbook that was checked and opened; raises FileRefused for one that must not be, or cannot be."""

    def __init__(self, file: IO[bytes]) -> None:
        check_parts(open_container(file))
        file.seek(0)
        try:
            self._book = load_workbook(file, read_only=True, keep_links=False)
        except DefusedXmlException as entities:
            raise FileRefused("xlsx_entities_forbidden", "The XML in a workbook must not have entities.") from entities
        except _WRONG as wrong:
            raise malformed(str(wrong)) from wrong

    def records(self, sheet: str | None) -> Iterator[Record]:
        """The rows of the sheet with this name, else of the first one, without blank rows; raises FileRefused."""
        source = self._sheet(sheet)
        source.reset_dimensions()
        rows = source.iter_rows()
        line = 0
        while True:
            try:
                cells = next(rows, None)
            except DefusedXmlException as entities:
                raise FileRefused("xlsx_entities_forbidden", "A workbook must not have entities.") from entities
            except _WRONG as wrong:
                raise malformed(f"row {line + 1}: {wrong}") from wrong
            if cells is None:
                return
            line += 1
            if line > MOST_ROWS:
                raise too_long()
            record = _record(line, cells)
            if any(record.fields) or record.faults:
                yield record

    def _sheet(self, name: str | None) -> Any:
        sheets = self._book.worksheets
        if name is not None:
            sheets = [one for one in sheets if one.title == name]
        if not sheets:
            raise FileRefused("unknown_sheet", f"The workbook has no sheet {name!r}." if name else "It has no sheet.")
        return sheets[0]


def _record(line: int, cells: Any) -> Record:
    if len(cells) > MOST_COLUMNS and any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
        raise too_wide()
    fields: list[str] = []
    faults: dict[int, Fault] = {}
    for place, cell in enumerate(cells[:MOST_COLUMNS]):
        value = cell.value
        if value is None:
            fields.append("")
        elif cell.data_type in ("f", "e"):
            faults[place] = _FORMULA if cell.data_type == "f" else _ERROR
            fields.append("")
        else:
            fields.append(value if isinstance(value, str) else _text_of(value))
    return Record(line, fields, faults or NO_FAULTS)


def _text_of(value: Any) -> str:
    """What a cell that is no text says.

    >>> [_text_of(value) for value in (1299, 0.1, 1e21, True, datetime(2026, 1, 31), 1299.0)]
    ['1299', '0.1', '1000000000000000000000', 'TRUE', '2026-01-31', '1299']
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
