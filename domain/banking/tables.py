"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Boolean, Bytea, Date, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class BankStatementRow(Table, tablename="bank_statements", db=DB):
    """Rows of `bank_statements`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    operation_id = Text(default=None)
    position = Integer(default=None)
    format = Text(default=None)
    account = Text(default=None)
    reference = Text(default=None)
    currency = Text(default=None, null=True)
    opening_balance = Numeric(default=None, null=True)
    closing_balance = Numeric(default=None, null=True)
    has_balance_mismatch = Boolean(default=None)
    line_count = Integer(default=None)
    created_at = Timestamptz(default=None)


class BankStatementLineRow(Table, tablename="bank_statement_lines", db=DB):
    """Rows of `bank_statement_lines`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    statement_id = Text(default=None)
    number = Integer(default=None)
    fingerprint = Bytea(default=None)
    state = Text(default=None)
    direction = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    is_reversal = Boolean(default=None)
    booked_on = Date(default=None)
    value_on = Date(default=None, null=True)
    remittance = Text(default=None)
    counterparty_name = Text(default=None)
    sealed_counterparty_account = Bytea(default=None, null=True)
    end_to_end_id = Text(default=None)
    bank_reference = Text(default=None)
    suggestions = JSONB(default=None)
    ignored_reason = Text(default=None, null=True)
    payment_id = Text(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class BankPayerRow(Table, tablename="bank_payers", db=DB):
    """Rows of `bank_payers`."""

    tenant_id = Text(default=None)
    key = Bytea(default=None)
    customer_id = Text(default=None)
    created_at = Timestamptz(default=None)
