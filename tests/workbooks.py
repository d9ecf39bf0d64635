"""Workbooks for tests: honest ones, and parts put into them that no spreadsheet program writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = (
    f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "lol">{LOL}]>'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&l9;</t></si></sst>'
).encode()
EXTERNAL_ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&x;</t></si></sst>'
)


def workbook(rows: Iterable[Iterable[Any]], *, sheet: str = "Open items", since_1904: bool = False) -> bytes:
    """A workbook whose first sheet says nothing of interest if another name than its own is given."""
    book = Workbook()
    if since_1904:
        book.epoch = CALENDAR_MAC_1904
    first = book.active
    assert first is not None
    first.title = sheet
    for row in rows:
        first.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same workbook with parts added or replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            if name not in parts:
                after.writestr(name, before.read(name))
        for name, part in parts.items():
            after.writestr(name, part)
    return out.getvalue()
