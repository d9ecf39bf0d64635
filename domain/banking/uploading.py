"""Use case of uploading: take a file of bank statements in; a worker reads it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import Any

from domain.banking.model import StatementFormat
from domain.banking.rules.statement_csv import csv_mapping_of
from domain.files.encodings import candidates_for
from domain.importing.source import add_chunk
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.errors import PayloadTooLarge as TooLarge
from domain.kernel.usecase import use_case
from domain.operations import work as operations
from domain.operations.model import Operation
from domain.storage.transaction import transaction

LARGEST_FILE = 100 * 1024 * 1024
_CHUNK = 1024 * 1024


@use_case("payments:write")
async def upload_bank_statement(
    ctx: Context,
    *,
    format: StatementFormat,
    chunks: AsyncIterator[bytes],
    charset: str | None = None,
    mapping: Mapping[str, Any] | None = None,
) -> Operation:
    """Stores a file of MT940, camt.053 or CSV and the operation that will read it and match its lines.

    A CSV file needs a mapping, which names the account. Raises InvalidInput for it, PayloadTooLarge.
    """
    if format == "csv":
        csv_mapping_of(mapping)
    if not candidates_for(charset) and (charset or "").lower() not in ("iso-8859-1", "latin-1"):
        raise InvalidInput.at("Content-Type", "unknown_charset", "A file is in UTF-8, GB18030 or ISO 8859-1.")
    size = 0
    with tempfile.SpooledTemporaryFile(max_size=4 * _CHUNK) as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > LARGEST_FILE:
                raise TooLarge("bank_statement_too_large", "A file has at most 100 MB.")
            file.write(chunk)
        file.seek(0)
        async with transaction(ctx):
            details = {"format": format, "mapping": dict(mapping or {}), "charset": charset}
            operation = await operations.add(ctx, "bank_statement", details)
            number = 0
            while piece := file.read(_CHUNK):
                await add_chunk(ctx, operation.id, number, piece)
                number += 1
    return operation
