"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, BigInt, Boolean, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class OperationRow(Table, tablename="operations", db=DB):
    """Rows of `operations`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    kind = Text(default=None)
    state = Text(default=None)
    dry_run = Boolean(default=None)
    input = JSONB(default=None)
    progress = JSONB(default=None)
    position = BigInt(default=None)
    result = JSONB(default=None)
    error = JSONB(default=None, null=True)
    leased_until = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None)
    started_at = Timestamptz(default=None, null=True)
    finished_at = Timestamptz(default=None, null=True)


class OperationErrorRow(Table, tablename="operation_errors", db=DB):
    """Rows of `operation_errors`."""

    tenant_id = Text(default=None)
    operation_id = Text(default=None)
    number = BigInt(default=None)
    line = Integer(default=None)
    column = Text(default=None)
    code = Text(default=None)
    detail = Text(default=None)
    value = Text(default=None)


class OperationChunkRow(Table, tablename="operation_chunks", db=DB):
    """Rows of `operation_chunks`."""

    tenant_id = Text(default=None)
    operation_id = Text(default=None)
    number = Integer(default=None)
    sealed_content = Bytea(default=None)
