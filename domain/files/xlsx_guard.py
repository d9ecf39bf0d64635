"""PURE: whether a workbook may be opened: looked at before a library that trusts it builds anything of it.

First the end record of the ZIP container, since its directory alone could fill the memory; then the directory: how many parts,
how large, how strongly compressed, which; then each XML part by a pass that keeps nothing, for document types (entities), for
elements that a reader would keep at once, and for rows and columns. `zipfile` never reads more of a part than its directory says.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, Any
from xml.parsers import expat

from domain.files.records import FileRefused

MOST_PARTS = 1_000
LARGEST_WORKBOOK = 512 * 1024 * 1024
LARGEST_STRINGS = 48 * 1024 * 1024
LARGEST_OTHER_PART = 4 * 1024 * 1024
LARGEST_RATIO = 200
MOST_ROWS = 1_048_576
MOST_COLUMNS = 256
# A reader keeps all elements of a part, of a row: so many are kept of each.
MOST_ELEMENTS = 100_000
MOST_STRING_ELEMENTS = 1_500_000
_MOST_ELEMENTS_OF_A_ROW = 8 * MOST_COLUMNS
_LARGEST_DIRECTORY = 1024 * 1024
_LONGEST_TEXT = 1_000_000
_SMALL = 1024 * 1024
_PIECE = 65_536
_UNREADABLE = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, ValueError, NotImplementedError)
_END, _END_64, _OLE = b"PK\x05\x06", b"PK\x06\x07", b"\xd0\xcf\x11\xe0"
_PLACES = ("[Content_Types].xml", "_rels/", "docProps/", "xl/", "customXml/")
_FORBIDDEN = ("xl/externalLinks/", "xl/vbaProject", "xl/activeX/", "xl/embeddings/", "xl/macrosheets/")


def open_container(file: IO[bytes]) -> zipfile.ZipFile:
    """The container of a workbook whose directory is harmless; raises FileRefused."""
    _check_end(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeError) as wrong:
        raise malformed(str(wrong)) from wrong
    _check_directory(archive.infolist())
    return archive


def check_parts(archive: zipfile.ZipFile) -> None:
    """Reads every XML part once; raises FileRefused at the first that must not be opened."""
    for part in archive.infolist():
        if part.filename.endswith((".xml", ".rels")):
            try:
                with archive.open(part) as source:
                    _Pass(part.filename).read(source)
            except _UNREADABLE as wrong:
                raise malformed(f"{part.filename}: {wrong}") from wrong


def malformed(why: str) -> FileRefused:
    """It is no workbook that can be read."""
    return FileRefused("xlsx_malformed", f"The workbook cannot be read: {why[:200]}.")


def is_encrypted_or_old(start: bytes) -> bool:
    """Whether a content begins like an OLE container: a workbook with a password, or one of the old binary format."""
    return start.startswith(_OLE)


def is_container(start: bytes) -> bool:
    """Whether a content begins like a ZIP container, as every workbook does."""
    return start.startswith(b"PK")


def _check_end(file: IO[bytes]) -> None:
    file.seek(0)
    if is_encrypted_or_old(file.read(4)):
        raise FileRefused("xlsx_encrypted", "The workbook has a password or is in the old .xls format.")
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise malformed("it is no ZIP container")
    count, directory = struct.unpack_from("<HL", tail, at + 10)
    if tail[max(0, at - 20) : at].startswith(_END_64) or count > MOST_PARTS or directory > _LARGEST_DIRECTORY:
        raise _bomb("too many parts")


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if len(set(names)) < len(names):
        raise malformed("two parts have one name")
    for part in parts:
        name = part.filename
        if part.flag_bits & 1:
            raise FileRefused("xlsx_encrypted", "The workbook has a password.")
        if name.startswith(_FORBIDDEN) or not name.startswith(_PLACES) or ".." in name.split("/"):
            raise FileRefused("xlsx_forbidden_part", f"A workbook must not have {name[:200]!r}.")
        if part.file_size > _SMALL and part.file_size > LARGEST_RATIO * max(1, part.compress_size):
            raise _bomb(f"{name[:200]} grows more than {LARGEST_RATIO} times")
        if name.endswith((".xml", ".rels")) and part.file_size > _largest(name):
            raise _bomb(f"{name[:200]} is too large")
    if sum(part.file_size for part in parts) > LARGEST_WORKBOOK:
        raise _bomb(f"more than {LARGEST_WORKBOOK // 1024 // 1024} MB when uncompressed")


def _largest(name: str) -> int:
    if _is_sheet(name):
        return LARGEST_WORKBOOK
    return LARGEST_STRINGS if _is_strings(name) else LARGEST_OTHER_PART


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _is_strings(name: str) -> bool:
    return name == "xl/sharedStrings.xml"


def _bomb(why: str) -> FileRefused:
    return FileRefused("xlsx_too_large", f"The workbook would fill the memory: {why}.")


class _Pass:
    """One reading of an XML part that keeps nothing of it but counts."""

    def __init__(self, name: str) -> None:
        self._is_sheet = _is_sheet(name)
        self._most = MOST_STRING_ELEMENTS if _is_strings(name) else MOST_ELEMENTS
        self._outside = self._within = self._rows = self._text = 0
        self._is_in_row = False

    def read(self, source: IO[bytes]) -> None:
        """All of it."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start_in_sheet if self._is_sheet else self._start
        parser.CharacterDataHandler = self._characters
        if self._is_sheet:
            parser.EndElementHandler = self._end_in_sheet
        fed = 0
        while piece := source.read(_PIECE):
            fed += len(piece)
            parser.Parse(piece)
            # A tag, with its attributes, or a comment is kept until its end has come.
            if fed - parser.CurrentByteIndex > _LONGEST_TEXT + _PIECE:
                raise _bomb("one tag is longer than a million characters")
        parser.Parse(b"", True)

    def _doctype(self, *_: Any) -> None:
        raise FileRefused("xlsx_entities_forbidden", "The XML in a workbook must not have a document type.")

    def _characters(self, text: str) -> None:
        self._text += len(text)
        if self._text > _LONGEST_TEXT:
            raise _bomb("one text is longer than a million characters")

    def _start(self, *_: Any) -> None:
        self._text = 0
        self._outside += 1
        if self._outside > self._most:
            raise _bomb("too many elements in one part")

    def _start_in_sheet(self, name: str, _: Any) -> None:
        self._text = 0
        if self._is_in_row:
            self._within += 1
            if self._within > _MOST_ELEMENTS_OF_A_ROW:
                raise too_wide()
        elif name == "row" or name.endswith(":row"):
            self._rows += 1
            self._is_in_row, self._within = True, 0
            if self._rows > MOST_ROWS:
                raise too_long()
        else:
            self._start()

    def _end_in_sheet(self, name: str) -> None:
        if name == "row" or name.endswith(":row"):
            self._is_in_row = False


def too_long() -> FileRefused:
    """A sheet has more rows than are read."""
    return FileRefused("xlsx_too_many_rows", f"A sheet has at most {MOST_ROWS} rows.")


def too_wide() -> FileRefused:
    """A sheet has more columns than are read."""
    return FileRefused("xlsx_too_many_columns", f"A sheet has at most {MOST_COLUMNS} columns.")
