"""Reads an imported file; run by workers, never by a caller.

Each batch is one transaction together with the position up to which the file is done, so a worker may be killed at any
instruction: the next one reads the file again up to that position, storing nothing, and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asyncpg import DeadlockDetectedError, UniqueViolationError

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.files.records import FileRefused, Record
from domain.importing.contacts import store_contacts
from domain.importing.customers import Stored, store_customers
from domain.importing.model import ImportKind
from domain.importing.reading import ImportedFile, records_of
from domain.importing.receivables import store_receivables
from domain.importing.rules.columns import Columns
from domain.importing.rules.mapping import mapping_of
from domain.importing.rules.rows import RowReader
from domain.importing.rules.seen import Seen
from domain.importing.settlements import store_settlements
from domain.importing.source import BATCH, drop_chunks
from domain.kernel.context import Context
from domain.operations import work as operations
from domain.operations.model import ClaimedOperation, OperationError, OperationFailure, Progress
from domain.storage.transaction import reading, sql, transaction

_TRIES = 5
# A payment locks what it settles until its batch ends, and callers wait for that.
_SIZES: dict[ImportKind, int] = {"payments": 100, "credit_notes": 100}


class _TakenOver(Exception):
    """Another worker goes on with this operation, because our lease ran out."""


async def run_import(ctx: Context, claimed: ClaimedOperation) -> None:
    """Takes in the file of a claimed operation from where it stands to its end."""
    work = _Import(ctx, claimed)
    failure = None
    try:
        try:
            await work.read_file()
        except FileRefused as refused:
            failure = OperationFailure(code=refused.code, detail=refused.detail)
        await work.finish(failure)
    except _TakenOver:
        return


class _Import:
    """One import on its way through its file."""

    def __init__(self, ctx: Context, claimed: ClaimedOperation) -> None:
        self.ctx = ctx
        self.id = claimed.id
        self.kind: ImportKind = claimed.input["kind"]
        self.mapping = mapping_of(self.kind, claimed.input["mapping"])
        self.file = ImportedFile(
            operation_id=claimed.id,
            kind=self.kind,
            # Operations that were stored before there were formats are CSV files.
            format=claimed.input.get("format", "csv"),
            mapping=self.mapping,
            charset=claimed.input["charset"],
        )
        self.dry_run = claimed.dry_run
        self.progress = claimed.progress
        self.position = claimed.position
        self.next_error = 0
        self.seen = Seen()

    async def read_file(self) -> None:
        """Every batch that is not done yet; raises FileRefused where the file cannot be read."""
        self.next_error = await self._error_count()
        reader: RowReader | None = None
        passed = 0
        async for records in records_of(self.ctx, self.file, _SIZES.get(self.kind, BATCH)):
            if reader is None:
                header, *records = records
                reader = RowReader(
                    Columns(self.kind, self.mapping, header.fields), with_day_cells=self.file.format == "xlsx"
                )
            done = min(len(records), self.position - passed)
            for record in records[:done]:
                self.seen.add(reader.columns.identity(record)[0])
            passed += len(records)
            if done < len(records):
                await self._take(reader, records[done:])
        if reader is None:
            raise FileRefused("empty_file", "The file has no header line.")

    async def finish(self, failure: OperationFailure | None) -> None:
        """Ends the operation and tells so."""
        async with transaction(self.ctx):
            await self._hold()
            await drop_chunks(self.ctx, self.id)
            result = {"rows": self.progress.processed}
            await operations.finish(self.ctx, self.id, result=result, failure=failure)
            operation = await operations.find(self.ctx, self.id)
            emit(self.ctx, NewEvent("import.finished", self.id, {"operation": operation}))

    async def _take(self, reader: RowReader, records: Sequence[Record]) -> None:
        lines, errors = self._understand(reader, records)
        for left in reversed(range(_TRIES)):
            try:
                await self._store(reader.columns, len(records), lines, errors)
            except (UniqueViolationError, DeadlockDetectedError):
                # Somebody created one of these between our look and our insert: look again.
                if not left:
                    raise
            else:
                return

    def _understand(self, reader: RowReader, records: Sequence[Record]) -> tuple[list[Any], list[OperationError]]:
        """What the records say, and what cannot be taken of them."""
        lines: list[Any] = []
        errors: list[OperationError] = []
        read = reader.of_kind()
        for record in records:
            identity, field = reader.columns.identity(record)
            if identity and not self.seen.add(identity):
                errors.append(reader.columns.duplicate(record, field))
                continue
            said = read(record)
            if isinstance(said, list):
                errors += said
            else:
                lines.append(said)
        return lines, errors

    async def _store(
        self, columns: Columns, count: int, lines: Sequence[Any], errors: Sequence[OperationError]
    ) -> None:
        async with transaction(self.ctx):
            await self._hold()
            if self.kind == "receivables":
                stored = await store_receivables(self.ctx, columns, lines, dry_run=self.dry_run)
            elif self.kind in ("payments", "credit_notes"):
                stored = await store_settlements(self.ctx, columns, lines, dry_run=self.dry_run)
            elif self.kind == "contacts":
                stored = await store_contacts(self.ctx, columns, lines, dry_run=self.dry_run)
            else:
                stored = await store_customers(self.ctx, lines, dry_run=self.dry_run)
            found = sorted([*errors, *stored.errors], key=lambda error: error.line)
            progress = _further(self.progress, count, stored)
            await operations.add_errors(self.ctx, self.id, self.next_error, found)
            await operations.advance(self.ctx, self.id, progress, self.position + count)
        self.progress = progress
        self.position += count
        self.next_error += len(found)

    async def _hold(self) -> None:
        """Makes sure, until the transaction ends, that nobody else goes on with this operation."""
        position = await sql(self.ctx).fetchval(
            "select position from operations where tenant_id = $1 and id = $2 and state = 'running' for update",
            self.ctx.tenant_id,
            self.id,
        )
        if position != self.position:
            raise _TakenOver

    async def _error_count(self) -> int:
        async with reading(self.ctx) as tx:
            count: int = await tx.fetchval(
                "select count(*) from operation_errors where tenant_id = $1 and operation_id = $2",
                self.ctx.tenant_id,
                self.id,
            )
        return count


def _further(progress: Progress, count: int, stored: Stored) -> Progress:
    return Progress(
        processed=progress.processed + count,
        created=progress.created + stored.created,
        updated=progress.updated + stored.updated,
        unchanged=progress.unchanged + stored.unchanged,
        failed=progress.failed + count - stored.created - stored.updated - stored.unchanged,
    )
