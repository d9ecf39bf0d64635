"""PURE: from pieces of a CSV text to its records with their line numbers, in bounded memory whatever the text is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from domain.files.records import FileRefused, Record

__all__ = ["CsvRecords", "FileRefused", "Record"]
# No honest line is that long; what is longer is a file without line ends, or a quote that was never closed.
LONGEST_RECORD = 1_000_000


class _MoreNeeded(Exception):
    """The lines ran out in the middle of the file. csv.reader would take an ordinary end for the end of its record."""


class CsvRecords:
    """Feed it pieces of text, take the records that became complete.

    A record that is not complete yet is read again from its first line when more text has come: csv.reader keeps nothing of
    it once its source has raised.
    """

    def __init__(self, delimiter: str = ",") -> None:
        self._lines: list[str] = []
        self._at = 0
        self._started_at = 0
        self._lines_before = 0
        self._rest = ""
        self._ended = False
        self._reader = csv.reader(self, delimiter=delimiter)

    def feed(self, text: str) -> None:
        """Adds a piece of the text."""
        del self._lines[: self._at]
        self._lines_before += self._at
        self._at = 0
        lines = list(io.StringIO(self._rest + text, newline=""))
        # A line that ends in "\r" may go on with "\n" in the next piece.
        self._rest = "" if not lines or lines[-1].endswith("\n") else lines.pop()
        self._lines += lines

    def end(self) -> None:
        """Says that the text is complete."""
        self.feed("")
        self._lines += [self._rest] if self._rest else []
        self._rest = ""
        self._ended = True

    def complete(self) -> Iterator[Record]:
        """The records that are complete by now, without blank lines; raises FileRefused where the text is not CSV."""
        while True:
            self._started_at = self._at
            try:
                fields = next(self._reader)
            except _MoreNeeded:
                self._at = self._started_at
                self._refuse_endless()
                return
            except StopIteration:
                return
            except csv.Error as wrong:
                raise self._malformed(str(wrong)) from wrong
            if fields:
                yield Record(self._lines_before + self._started_at + 1, fields)

    def __iter__(self) -> CsvRecords:
        return self

    def __next__(self) -> str:
        if self._at < len(self._lines):
            self._at += 1
            return self._lines[self._at - 1]
        if not self._ended:
            raise _MoreNeeded
        if self._at > self._started_at:
            raise self._malformed("a quoted field is never closed")
        raise StopIteration

    def _refuse_endless(self) -> None:
        if len(self._rest) + sum(map(len, self._lines[self._at :])) > LONGEST_RECORD:
            raise self._malformed(f"the record is longer than {LONGEST_RECORD} characters")

    def _malformed(self, why: str) -> FileRefused:
        return FileRefused(
            "malformed_csv", f"The record that begins on line {self._lines_before + self._started_at + 1}: {why}."
        )
