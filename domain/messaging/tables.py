"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import Boolean, Bytea, Date, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class TemplateRow(Table, tablename="templates", db=DB):
    """Rows of `templates`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    key = Text(default=None)
    channel = Text(default=None)
    locale = Text(default=None)
    subject = Text(default=None)
    body = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class NoticeRow(Table, tablename="notices", db=DB):
    """Rows of `notices`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None)
    receivable_id = Text(default=None)
    contact_id = Text(default=None)
    case_id = Text(default=None, null=True)
    step_key = Text(default=None, null=True)
    channel = Text(default=None)
    template_key = Text(default=None)
    locale = Text(default=None)
    subject = Text(default=None)
    body = Text(default=None)
    currency = Text(default=None)
    open_amount = Numeric(default=None)
    message_id = Text(default=None)
    state = Text(default=None)
    reason = Text(default=None, null=True)
    attempt_count = Integer(default=None)
    next_attempt_at = Timestamptz(default=None, null=True)
    leased_until = Timestamptz(default=None, null=True)
    test_clock = Boolean(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    sent_at = Timestamptz(default=None, null=True)
    disputed_amount = Numeric(default=None)
    due_on = Date(default=None, null=True)
    sealed_recipient = Bytea(default=None)
    receivable_count = Integer(default=None)


class NoticeReceivableRow(Table, tablename="notice_receivables", db=DB):
    """Rows of `notice_receivables`."""

    tenant_id = Text(default=None)
    notice_id = Text(default=None)
    receivable_id = Text(default=None)
    case_id = Text(default=None, null=True)
    number = Text(default=None)
    issued_on = Date(default=None)
    due_on = Date(default=None)
    open_amount = Numeric(default=None)
    disputed_amount = Numeric(default=None)


class DeliveryRow(Table, tablename="deliveries", db=DB):
    """Rows of `deliveries`."""

    tenant_id = Text(default=None)
    notice_id = Text(default=None)
    number = Integer(default=None)
    outcome = Text(default=None)
    code = Text(default=None)
    detail = Text(default=None)
    attempted_at = Timestamptz(default=None)
