"""Use case of imports: take a file in; a worker reads it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import IO, Any

from domain.files.encodings import candidates_for
from domain.files.xlsx_guard import is_container, is_encrypted_or_old
from domain.importing.model import FileFormat, ImportKind
from domain.importing.profiles import mapping_with
from domain.importing.rules.mapping import mapping_of
from domain.importing.source import add_chunk
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, PayloadTooLarge
from domain.kernel.usecase import use_case
from domain.operations import work as operations
from domain.operations.model import Operation
from domain.storage.transaction import transaction

LARGEST_FILE = 100 * 1024 * 1024
_CHUNK = 1024 * 1024


@use_case("imports:write")
async def start_import(
    ctx: Context,
    *,
    kind: ImportKind,
    chunks: AsyncIterator[bytes],
    charset: str | None = None,
    file_format: FileFormat = "csv",
    dry_run: bool = False,
    mapping: Mapping[str, Any] | None = None,
    profile: str | None = None,
) -> Operation:
    """Stores a file and the operation that will read it; raises InvalidInput for the mapping, the profile and for
    a file that is evidently of another format, PayloadTooLarge.

    `profile` is the id or name of an import profile, whose mapping holds but for the keys that `mapping` has. The operation keeps
    the mapping as it is now, so that a profile may change while files are read.

    With `dry_run` the operation reports what it would do and stores nothing.
    """
    mapping = await mapping_with(ctx, profile, kind, mapping or {})
    mapping_of(kind, mapping)
    if not candidates_for(charset):
        raise InvalidInput.at("Content-Type", "unknown_charset", "A file is in UTF-8 or GB18030.")
    # A slow sender must not hold a connection to the database, so the content is first collected aside:
    # above 4 MB in a file without a name, unsealed until its chunks are stored (docs/decisions/0018-imports.md).
    with tempfile.SpooledTemporaryFile(max_size=4 * _CHUNK) as file:
        await _collect(chunks, file)
        _check_content(file, file_format)
        async with transaction(ctx):
            details = {"kind": kind, "mapping": mapping, "charset": charset, "format": file_format}
            operation = await operations.add(ctx, "import", details, dry_run=dry_run)
            number = 0
            while chunk := file.read(_CHUNK):
                await add_chunk(ctx, operation.id, number, chunk)
                number += 1
    return operation


def _check_content(file: IO[bytes], file_format: FileFormat) -> None:
    start = file.read(4)
    file.seek(0)
    if is_encrypted_or_old(start):
        raise InvalidInput.at(
            "Content-Type", "xlsx_encrypted", "A workbook with a password, or in the old .xls format."
        )
    if start and is_container(start) != (file_format == "xlsx"):
        raise InvalidInput.at(
            "Content-Type", "content_mismatch", f"The content is not what it is sent as, {file_format}."
        )


async def _collect(chunks: AsyncIterator[bytes], file: IO[bytes]) -> None:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_FILE:
            raise PayloadTooLarge("import_too_large", "A file has at most 100 MB.")
        file.write(chunk)
    file.seek(0)
