"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Array, Boolean, Date, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class ReceivableRow(Table, tablename="receivables", db=DB):
    """Rows of `receivables`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    external_id = Text(default=None, null=True)
    customer_id = Text(default=None)
    number = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    open_amount = Numeric(default=None)
    issued_on = Date(default=None)
    due_on = Date(default=None)
    status = Text(default=None)
    overdue_at = Timestamptz(default=None, null=True)
    test_clock = Boolean(default=None)
    metadata = JSONB(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    written_off_amount = Numeric(default=None)
    cancelled_on = Date(default=None, null=True)
    cancellation_reason = Text(default=None, null=True)
    charged_amount = Numeric(default=None)
    open_interest = Numeric(default=None)
    open_fee = Numeric(default=None)
    open_cost = Numeric(default=None)
    payment_terms = JSONB(default=None, null=True)
    discount_taken_amount = Numeric(default=None)
    order_reference = Text(default=None, null=True)
    contract_reference = Text(default=None, null=True)
    salesperson = Text(default=None, null=True)
    delivery = JSONB(default=None, null=True)
    due_on_is_provisional = Boolean(default=None)
    held_until = Timestamptz(default=None, null=True)
    part_group_id = Text(default=None, null=True)
    part_number = Integer(default=None, null=True)
    part_count = Integer(default=None, null=True)
    number_key = Text(default=None)
    open_key = Text(default=None)


class PaymentRow(Table, tablename="payments", db=DB):
    """Rows of `payments`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    external_id = Text(default=None, null=True)
    customer_id = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    unapplied_amount = Numeric(default=None)
    received_on = Date(default=None)
    reference = Text(default=None, null=True)
    method = Text(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    state = Text(default=None)
    refunded_amount = Numeric(default=None)
    reversed_on = Date(default=None, null=True)
    reversal_reason = Text(default=None, null=True)
    updated_at = Timestamptz(default=None)


class AllocationRow(Table, tablename="allocations", db=DB):
    """Rows of `allocations`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    payment_id = Text(default=None, null=True)
    receivable_id = Text(default=None)
    amount = Numeric(default=None)
    created_at = Timestamptz(default=None)
    reverses_id = Text(default=None, null=True)
    credit_note_id = Text(default=None, null=True)


class RefundRow(Table, tablename="refunds", db=DB):
    """Rows of `refunds`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    payment_id = Text(default=None)
    external_id = Text(default=None, null=True)
    amount = Numeric(default=None)
    refunded_on = Date(default=None)
    reference = Text(default=None, null=True)
    created_at = Timestamptz(default=None)


class EntryRow(Table, tablename="entries", db=DB):
    """Rows of `entries`."""

    tenant_id = Text(default=None)
    receivable_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    kind = Text(default=None)
    amount = Numeric(default=None)
    effective_on = Date(default=None)
    allocation_id = Text(default=None, null=True)
    created_at = Timestamptz(default=None)
    write_off_id = Text(default=None, null=True)
    component = Text(default=None)
    charge_id = Text(default=None, null=True)


class WriteOffRow(Table, tablename="write_offs", db=DB):
    """Rows of `write_offs`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    receivable_id = Text(default=None)
    customer_id = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    reversed_amount = Numeric(default=None)
    reason = Text(default=None)
    note = Text(default=None, null=True)
    state = Text(default=None)
    effective_on = Date(default=None)
    requested_by = Text(default=None)
    decided_by = Text(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class LedgerPolicyRow(Table, tablename="ledger_policies", db=DB):
    """Rows of `ledger_policies`."""

    tenant_id = Text(default=None)
    allocation_policy = Text(default=None)
    tolerances = JSONB(default=None)
    approval_limits = JSONB(default=None)
    version = Integer(default=None)
    updated_at = Timestamptz(default=None)
    settle_first = Text(default=None)
    aging_bounds = Array(base_column=Integer(default=None), default=None)
    rate_sources = Array(base_column=Text(default=None), default=None)
    rate_max_age_days = Integer(default=None)


class ExchangeRateRow(Table, tablename="exchange_rates", db=DB):
    """Rows of `exchange_rates`."""

    tenant_id = Text(default=None)
    valid_on = Date(default=None)
    from_currency = Text(default=None)
    to_currency = Text(default=None)
    source = Text(default=None)
    rate = Numeric(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class CreditNoteRow(Table, tablename="credit_notes", db=DB):
    """Rows of `credit_notes`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    external_id = Text(default=None, null=True)
    customer_id = Text(default=None)
    number = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    unapplied_amount = Numeric(default=None)
    issued_on = Date(default=None)
    reason = Text(default=None)
    note = Text(default=None, null=True)
    state = Text(default=None)
    cancelled_on = Date(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class ChargeRuleRow(Table, tablename="charge_rules", db=DB):
    """Rows of `charge_rules`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    name = Text(default=None)
    component = Text(default=None)
    terms = JSONB(default=None)
    source = Text(default=None, null=True)
    valid_from = Date(default=None, null=True)
    valid_to = Date(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class ChargeRow(Table, tablename="charges", db=DB):
    """Rows of `charges`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    receivable_id = Text(default=None)
    customer_id = Text(default=None)
    rule_id = Text(default=None, null=True)
    component = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    waived_amount = Numeric(default=None)
    reason = Text(default=None, null=True)
    waiver_reason = Text(default=None, null=True)
    effective_on = Date(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class ReceivableLineRow(Table, tablename="receivable_lines", db=DB):
    """Rows of `receivable_lines`."""

    tenant_id = Text(default=None)
    receivable_id = Text(default=None)
    position = Integer(default=None)
    product = Text(default=None, null=True)
    description = Text(default=None)
    quantity = Numeric(default=None)
    unit = Text(default=None, null=True)
    unit_price = Numeric(default=None, null=True)
    amount = Numeric(default=None)
    tax_rate = Numeric(default=None, null=True)
    tax_amount = Numeric(default=None, null=True)


class ReceivableDocumentRow(Table, tablename="receivable_documents", db=DB):
    """Rows of `receivable_documents`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    receivable_id = Text(default=None)
    kind = Text(default=None)
    title = Text(default=None)
    url = Text(default=None)
    sha256 = Text(default=None)
    media_type = Text(default=None, null=True)
    size_bytes = Integer(default=None, null=True)
    linked_by = Text(default=None)
    created_at = Timestamptz(default=None)
    removed_at = Timestamptz(default=None, null=True)
    removed_by = Text(default=None, null=True)


class PlannedCollectionRow(Table, tablename="planned_collections", db=DB):
    """Rows of `planned_collections`."""

    tenant_id = Text(default=None)
    receivable_id = Text(default=None)
    planned_on = Date(default=None)
    amount = Numeric(default=None)
    note = Text(default=None, null=True)
    due_at = Timestamptz(default=None, null=True)
    missed_at = Timestamptz(default=None, null=True)
    test_clock = Boolean(default=None)


class DisputeRow(Table, tablename="disputes", db=DB):
    """Rows of `disputes`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    receivable_id = Text(default=None)
    customer_id = Text(default=None)
    currency = Text(default=None)
    amount = Numeric(default=None)
    accepted_amount = Numeric(default=None)
    reason = Text(default=None)
    note = Text(default=None, null=True)
    raised_by = Text(default=None, null=True)
    assignee = Text(default=None, null=True)
    state = Text(default=None)
    resolution_note = Text(default=None, null=True)
    credit_note_id = Text(default=None, null=True)
    opened_on = Date(default=None)
    resolved_on = Date(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
