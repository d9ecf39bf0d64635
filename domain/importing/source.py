"""The content of an import: stored as it came, sealed, read back piece by piece, decoded, and cut into batches of records."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from domain.files.records import FileRefused, Record
from domain.kernel.context import Context
from domain.operations import work as operations
from domain.storage.transaction import reading, sql

BATCH = 1000
# How many megabytes are read between two renewals of the lease while nothing is stored, which renews it too.
_RENEWED_EVERY = 8


class Parser(Protocol):
    """Makes records of pieces of text."""

    def feed(self, text: str) -> None:
        """Adds a piece of the text."""

    def end(self) -> None:
        """Says that the text is complete."""

    def complete(self) -> Iterator[Record]:
        """The records that are complete by now."""


async def add_chunk(ctx: Context, operation_id: str, number: int, content: bytes) -> None:
    """Stores one piece of the content, in the open transaction."""
    await sql(ctx).execute(
        "insert into operation_chunks (tenant_id, operation_id, number, sealed_content) values ($1, $2, $3, $4)",
        ctx.tenant_id,
        operation_id,
        number,
        ctx.keys.seal(content, *_place(operation_id, number)),
    )


async def drop_chunks(ctx: Context, operation_id: str) -> None:
    """Forgets the content, in the open transaction."""
    await sql(ctx).execute(
        "delete from operation_chunks where tenant_id = $1 and operation_id = $2", ctx.tenant_id, operation_id
    )


async def chunks(ctx: Context, operation_id: str) -> AsyncIterator[bytes]:
    """The pieces of the content in their order, one at a time in memory."""
    number = 0
    while True:
        async with reading(ctx) as tx:
            sealed: bytes | None = await tx.fetchval(
                "select sealed_content from operation_chunks where tenant_id = $1 and operation_id = $2 and number = $3",
                ctx.tenant_id,
                operation_id,
                number,
            )
        if sealed is None:
            return
        yield ctx.keys.open(sealed, *_place(operation_id, number))
        number += 1
        if number % _RENEWED_EVERY == 0:
            await operations.renew(ctx, operation_id)


async def encoding_of(ctx: Context, operation_id: str, candidates: list[str]) -> str:
    """The first encoding in which the whole content can be read; raises FileRefused if there is none.

    The whole of it is tried before any row is taken, because a file may be plain ASCII for megabytes before its first Chinese
    name.
    """
    for candidate in candidates:
        if await _is_decodable(ctx, operation_id, candidate):
            return candidate
    raise FileRefused("unknown_encoding", "The file is not in an encoding that is read: UTF-8, or GB18030 for CSV.")


async def batches(
    ctx: Context, operation_id: str, encoding: str, parser: Parser, size: int = BATCH
) -> AsyncIterator[list[Record]]:
    """The records of a file of text, header first; those before a place that cannot be read come before the FileRefused."""
    decoder = codecs.getincrementaldecoder(encoding)()
    waiting: list[Record] = []
    refused: FileRefused | None = None
    pieces = chunks(ctx, operation_id)
    is_over = False
    while not is_over and refused is None:
        piece = await anext(pieces, None)
        is_over = piece is None
        parser.feed(decoder.decode(piece or b"", is_over))
        if is_over:
            parser.end()
        try:
            for record in parser.complete():
                waiting.append(record)
                if len(waiting) == size:
                    yield waiting
                    waiting = []
        except FileRefused as malformed:
            refused = malformed
    if waiting:
        yield waiting
    if refused is not None:
        raise refused


def _place(operation_id: str, number: int) -> tuple[str, str, str]:
    return "operation_chunks", f"{operation_id}/{number}", "content"


async def _is_decodable(ctx: Context, operation_id: str, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        async for piece in chunks(ctx, operation_id):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True
