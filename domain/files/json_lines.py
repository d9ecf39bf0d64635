"""PURE: from pieces of a text of JSON Lines (one object a line) to records with the cells of named columns.

A line that is no object is a fault of its record alone. An amount that is a JSON number is refused: it has gone through a
binary float before, or will in the next reader. A money object {"amount", "currency"} fills both cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.files.records import WHOLE_RECORD, Fault, Record

LONGEST_LINE = 1_000_000
_NOT_AN_OBJECT = Fault("invalid_json", "The line is not a JSON object.")
_TOO_LONG = Fault("line_too_long", f"A line has at most {LONGEST_LINE} characters.")
_NUMBER = Fault("amount_not_a_string", 'An amount is a decimal string such as "1299.00", not a JSON number.')
_NOT_TEXT = Fault("not_a_string", "This is a string, or a whole number.")
_TWO_CURRENCIES = Fault("currency_given_twice", "The amount is in another currency than the line says.")


class JsonLines:
    """Feed it pieces of text, take the records of the lines that became complete."""

    def __init__(self, names: Sequence[str], amount: str = "amount", currency: str = "currency") -> None:
        self.header = Record(1, list(names))
        self._names = list(names)
        self._amount = self._place(amount)
        self._currency = self._place(currency)
        self._lines: list[str] = []
        self._rest = ""
        self._line = 0

    def feed(self, text: str) -> None:
        """Adds a piece of the text."""
        *lines, rest = (self._rest + text).split("\n")
        self._lines += lines
        if len(rest) > LONGEST_LINE:
            # What has been read of it is enough to know that it is too long.
            rest = rest[: LONGEST_LINE + 1]
        self._rest = rest

    def end(self) -> None:
        """Says that the text is complete."""
        self._lines += [self._rest] if self._rest else []
        self._rest = ""

    def complete(self) -> Iterator[Record]:
        """The records of the complete lines, without blank ones."""
        lines, self._lines = self._lines, []
        for text in lines:
            self._line += 1
            if len(text) > LONGEST_LINE:
                yield self._faulty(_TOO_LONG)
            elif text and not text.isspace():
                yield self._record(text)

    def _record(self, text: str) -> Record:
        try:
            said = msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return self._faulty(_NOT_AN_OBJECT)
        if not isinstance(said, dict):
            return self._faulty(_NOT_AN_OBJECT)
        faults: dict[int, Fault] = {}
        cells: list[str] = []
        for place, name in enumerate(self._names):
            cell = self._cell(said.get(name), place, said)
            cells.append("" if isinstance(cell, Fault) else cell)
            if isinstance(cell, Fault):
                faults[place] = cell
        return Record(self._line, cells, faults)

    def _cell(self, value: Any, place: int, said: dict[str, Any]) -> str | Fault:
        if place == self._amount and isinstance(value, dict):
            value = value.get("amount")
        elif place == self._currency:
            value = self._currency_of(value, said)
        if value is None:
            return ""
        if isinstance(value, str | Fault):
            return value
        if isinstance(value, int | float) and place == self._amount and not isinstance(value, bool):
            return _NUMBER
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return ";".join(value)
        return _NOT_TEXT

    def _currency_of(self, value: Any, said: dict[str, Any]) -> Any:
        money = said.get(self._names[self._amount]) if self._amount >= 0 else None
        inner = money.get("currency") if isinstance(money, dict) else None
        if inner is not None and value is not None and inner != value:
            return _TWO_CURRENCIES
        return inner if value is None else value

    def _place(self, name: str) -> int:
        return self._names.index(name) if name in self._names else -1

    def _faulty(self, fault: Fault) -> Record:
        return Record(self._line, [], {WHOLE_RECORD: fault})
