"""One stream of records from whatever the file is, header first: mapping, dry run, errors and resuming work alike for all.

A workbook is read at random places, so its opened chunks are put together in a temporary file without a name: of mode 0600, and
gone with the process, however that ends.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from domain.files.csv_records import CsvRecords
from domain.files.encodings import candidates_for
from domain.files.json_lines import JsonLines
from domain.files.records import FileRefused, Record
from domain.files.xlsx import Workbook
from domain.importing.model import FileFormat, ImportKind
from domain.importing.rules.mapping import FIELDS, ImportMapping
from domain.importing.source import BATCH, batches, chunks, encoding_of
from domain.kernel.context import Context
from domain.operations import work as operations

T = TypeVar("T")
_IN_MEMORY = 4 * 1024 * 1024
_RENEWED_EVERY_SECONDS = 3
_RENEWED_EVERY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """The file of an import: where it is stored and how it is read."""

    operation_id: str
    kind: ImportKind
    format: FileFormat
    mapping: ImportMapping
    charset: str | None


def records_of(ctx: Context, file: ImportedFile, size: int = BATCH) -> AsyncIterator[list[Record]]:
    """Batches of at most about `size` records, the first begins with the header; raises FileRefused."""
    return {"csv": _csv, "jsonl": _json_lines, "xlsx": _workbook}[file.format](ctx, file, size)


async def _csv(ctx: Context, file: ImportedFile, size: int) -> AsyncIterator[list[Record]]:
    encoding = await encoding_of(ctx, file.operation_id, candidates_for(file.mapping.encoding or file.charset))
    async for records in batches(ctx, file.operation_id, encoding, CsvRecords(file.mapping.delimiter), size):
        yield records


async def _json_lines(ctx: Context, file: ImportedFile, size: int) -> AsyncIterator[list[Record]]:
    encoding = await encoding_of(ctx, file.operation_id, ["utf-8-sig"])
    named = {field: file.mapping.columns.get(field, field) for field in FIELDS[file.kind]}
    # A name twice is told as a column twice, as it would be of a header line.
    lines = JsonLines(list(named.values()), named.get("amount", ""), named.get("currency", ""))
    header = [lines.header]
    async for records in batches(ctx, file.operation_id, encoding, lines, size):
        yield [*header, *records]
        header = []


async def _workbook(ctx: Context, file: ImportedFile, size: int) -> AsyncIterator[list[Record]]:
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        async for chunk in chunks(ctx, file.operation_id):
            spool.write(chunk)
        book = await _renewing(ctx, file.operation_id, lambda: Workbook(spool))
        records = book.records(file.mapping.sheet)
        number = 0
        refused: FileRefused | None = None
        while refused is None:
            found, refused = await asyncio.to_thread(_next, records, size)
            if found:
                yield found
            elif refused is None:
                return
            number += 1
            if number % _RENEWED_EVERY == 0:
                await operations.renew(ctx, file.operation_id)
        raise refused


def _next(records: Iterator[Record], size: int) -> tuple[list[Record], FileRefused | None]:
    """The next records, and why there are no more where that is not the end of the file."""
    found: list[Record] = []
    try:
        for record in islice(records, size):
            found += [record]
    except FileRefused as refused:
        return found, refused
    return found, None


async def _renewing(ctx: Context, operation_id: str, work: Callable[[], T]) -> T:
    """What `work` answers, done in a thread; the lease is kept meanwhile."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    while not (await asyncio.wait({doing}, timeout=_RENEWED_EVERY_SECONDS))[0]:
        await operations.renew(ctx, operation_id)
    return doing.result()
