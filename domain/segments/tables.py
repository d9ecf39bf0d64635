"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Integer, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class SegmentRow(Table, tablename="segments", db=DB):
    """Rows of `segments`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    name = Text(default=None)
    predicate = JSONB(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
