"""PURE: what every reader of tabular files makes of them: records with the line on which they begin."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class FileRefused(Exception):
    """The file as a whole cannot be read (further), told by a stable `code`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Fault(NamedTuple):
    """Why one cell, or a whole record, says nothing that can be taken."""

    code: str
    detail: str


NO_FAULTS: Mapping[int, Fault] = MappingProxyType({})
WHOLE_RECORD = -1


class Record(NamedTuple):
    """One record and the line on which it begins; the header is on line 1.

    `faults` are the cells that a reader refuses, by their place; `WHOLE_RECORD` is the place of the record itself.
    """

    line: int
    fields: list[str]
    faults: Mapping[int, Fault] = NO_FAULTS
