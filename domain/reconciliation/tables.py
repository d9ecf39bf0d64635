"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema."""

from piccolo.columns import Date, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class ReconciliationRow(Table, tablename="reconciliations", db=DB):
    """Rows of `reconciliations`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None)
    as_of = Date(default=None)
    currency = Text(default=None)
    state = Text(default=None)
    our_amount = Numeric(default=None)
    their_amount = Numeric(default=None)
    matched_count = Integer(default=None)
    difference_count = Integer(default=None)
    unresolved_count = Integer(default=None)
    completed_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class ReconciliationItemRow(Table, tablename="reconciliation_items", db=DB):
    """Rows of `reconciliation_items`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    reconciliation_id = Text(default=None)
    customer_id = Text(default=None)
    position = Integer(default=None)
    kind = Text(default=None)
    matched_by = Text(default=None, null=True)
    receivable_id = Text(default=None, null=True)
    our_number = Text(default=None, null=True)
    our_due_on = Date(default=None, null=True)
    our_amount = Numeric(default=None, null=True)
    their_number = Text(default=None, null=True)
    their_reference = Text(default=None, null=True)
    their_issued_on = Date(default=None, null=True)
    their_due_on = Date(default=None, null=True)
    their_amount = Numeric(default=None, null=True)
    difference_amount = Numeric(default=None)
    state = Text(default=None, null=True)
    owner_id = Text(default=None, null=True)
    resolution = Text(default=None, null=True)
    note = Text(default=None, null=True)
    resolved_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
