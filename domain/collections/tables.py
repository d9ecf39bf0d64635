"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema."""

from piccolo.columns import Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class ActivityRow(Table, tablename="activities", db=DB):
    """Rows of `activities`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None)
    receivable_id = Text(default=None, null=True)
    kind = Text(default=None)
    outcome = Text(default=None, null=True)
    summary = Text(default=None)
    occurred_at = Timestamptz(default=None)
    recorded_by = Text(default=None)
    created_at = Timestamptz(default=None)


class TaskRow(Table, tablename="tasks", db=DB):
    """Rows of `tasks`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None, null=True)
    receivable_id = Text(default=None, null=True)
    case_id = Text(default=None, null=True)
    step_key = Text(default=None, null=True)
    notice_id = Text(default=None, null=True)
    title = Text(default=None)
    description = Text(default=None)
    assignee = Text(default=None, null=True)
    role = Text(default=None, null=True)
    due_at = Timestamptz(default=None, null=True)
    state = Text(default=None)
    completion_note = Text(default=None, null=True)
    completed_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class EscalationRow(Table, tablename="escalations", db=DB):
    """Rows of `escalations`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None)
    receivable_id = Text(default=None)
    case_id = Text(default=None)
    step_key = Text(default=None)
    level = Text(default=None)
    currency = Text(default=None)
    open_amount = Numeric(default=None)
    raised_at = Timestamptz(default=None)
