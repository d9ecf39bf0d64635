"""The items of an uploaded file, whatever its format, in batches and with one piece of it in memory at a time."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator

from domain.banking.rules.camt053 import Camt053
from domain.banking.rules.lines import Item, StatementRefused
from domain.banking.rules.mt940 import Mt940
from domain.banking.rules.statement_csv import StatementCsv, csv_mapping_of
from domain.files.csv_records import CsvRecords
from domain.files.encodings import candidates_for
from domain.importing.source import batches, chunks, encoding_of
from domain.kernel.context import Context
from domain.operations.model import ClaimedOperation

_LONGEST_LINE = 100_000


async def items_of(ctx: Context, claimed: ClaimedOperation) -> AsyncIterator[list[Item]]:
    """What the file says, in its order; raises FileRefused where it cannot be read."""
    readers = {"mt940": _mt940, "camt053": _camt053, "csv": _csv}
    async for items in readers[claimed.input["format"]](ctx, claimed):
        yield items


async def _camt053(ctx: Context, claimed: ClaimedOperation) -> AsyncIterator[list[Item]]:
    parser = Camt053()
    async for piece in chunks(ctx, claimed.id):
        yield list(parser.feed(piece))
    yield list(parser.end())


async def _csv(ctx: Context, claimed: ClaimedOperation) -> AsyncIterator[list[Item]]:
    parser = StatementCsv(csv_mapping_of(claimed.input["mapping"]))
    encoding = await encoding_of(ctx, claimed.id, candidates_for(claimed.input["charset"]))
    async for records in batches(ctx, claimed.id, encoding, CsvRecords()):
        yield [item for record in records for item in parser.record(record)]
    yield list(parser.end())


async def _mt940(ctx: Context, claimed: ClaimedOperation) -> AsyncIterator[list[Item]]:
    charset = claimed.input["charset"]
    candidates = ["utf-8-sig", "latin-1"] if charset is None else [*candidates_for(charset), "latin-1"]
    decoder = codecs.getincrementaldecoder(await encoding_of(ctx, claimed.id, candidates))()
    parser, rest, number = Mt940(), "", 0
    async for piece in chunks(ctx, claimed.id):
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        if len(rest) > _LONGEST_LINE:
            raise StatementRefused("malformed_tag", "The line is too long.", number + len(lines) + 1)
        items: list[Item] = []
        for line in lines:
            number += 1
            items += parser.line(number, line)
        yield items
    yield [*parser.line(number + 1, rest + decoder.decode(b"", True)), *parser.end(number + 1)]
