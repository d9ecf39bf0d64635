"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Boolean, Bytea, Date, Integer, Numeric, Text, Timestamptz
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
    tone = Text(default=None, null=True)


class TemplateVersionRow(Table, tablename="template_versions", db=DB):
    """Rows of `template_versions`."""

    tenant_id = Text(default=None)
    template_id = Text(default=None)
    number = Integer(default=None)
    subject = Text(default=None)
    body = Text(default=None)
    created_by = Text(default=None, null=True)
    created_at = Timestamptz(default=None)


class NoticeRow(Table, tablename="notices", db=DB):
    """Rows of `notices`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None)
    receivable_id = Text(default=None)
    contact_id = Text(default=None, null=True)
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
    contact_policy = JSONB(default=None, null=True)
    variables = JSONB(default=None)
    provider_message_id = Text(default=None, null=True)
    channel_account_id = Text(default=None, null=True)
    tone = Text(default=None, null=True)
    template_id = Text(default=None, null=True)
    template_version = Integer(default=None, null=True)
    template_sha256 = Text(default=None, null=True)
    new_due_on = Date(default=None, null=True)
    letter_number = Text(default=None, null=True)
    letter_sha256 = Text(default=None, null=True)
    letter_pages = Integer(default=None, null=True)
    letter_size = Integer(default=None, null=True)
    delivered_at = Timestamptz(default=None, null=True)
    read_at = Timestamptz(default=None, null=True)
    replied_at = Timestamptz(default=None, null=True)
    bounced_at = Timestamptz(default=None, null=True)
    offered_at = Timestamptz(default=None, null=True)
    claimed_until = Timestamptz(default=None, null=True)
    claim_token = Text(default=None, null=True)
    audience = Text(default=None)
    receivable_count = Integer(default=None)


class LetterRow(Table, tablename="letters", db=DB):
    """Rows of `letters`."""

    tenant_id = Text(default=None)
    notice_id = Text(default=None)
    year = Integer(default=None)
    serial = Integer(default=None)
    number = Text(default=None)
    sealed_data = Bytea(default=None)
    sealed_pdf = Bytea(default=None, null=True)
    rendered_at = Timestamptz(default=None, null=True)


class LetterSettingsRow(Table, tablename="letter_settings", db=DB):
    """Rows of `letter_settings`."""

    tenant_id = Text(primary_key=True, default=None)
    number_format = Text(default=None)
    version = Integer(default=None)
    updated_at = Timestamptz(default=None)


class LetterCounterRow(Table, tablename="letter_counters", db=DB):
    """Rows of `letter_counters`."""

    tenant_id = Text(default=None)
    year = Integer(default=None)
    last_number = Integer(default=None)


class ChannelAccountRow(Table, tablename="channel_accounts", db=DB):
    """Rows of `channel_accounts`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    channel = Text(default=None)
    provider = Text(default=None)
    name = Text(default=None)
    state = Text(default=None)
    settings = JSONB(default=None)
    sealed_credentials = Bytea(default=None)
    sealed_callback_secret = Bytea(default=None)
    messages_per_minute = Integer(default=None, null=True)
    paced_until = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


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


class ContactPolicyRow(Table, tablename="contact_policies", db=DB):
    """Rows of `contact_policies`."""

    tenant_id = Text(primary_key=True, default=None)
    rules = JSONB(default=None)
    version = Integer(default=None)
    updated_at = Timestamptz(default=None)


class ReceiptRow(Table, tablename="receipts", db=DB):
    """Rows of `receipts`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    notice_id = Text(default=None)
    kind = Text(default=None)
    code = Text(default=None)
    detail = Text(default=None)
    occurred_at = Timestamptz(default=None)
    received_at = Timestamptz(default=None)


class IgnoredReceiptsRow(Table, tablename="ignored_receipts", db=DB):
    """Rows of `ignored_receipts`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    channel_account_id = Text(default=None, null=True)
    kind = Text(default=None)
    reason = Text(default=None)
    count = Integer(default=None)
    last_received_at = Timestamptz(default=None)


class AwaitedConfirmationRow(Table, tablename="awaited_confirmations", db=DB):
    """Rows of `awaited_confirmations`."""

    tenant_id = Text(default=None)
    notice_id = Text(default=None)
    provider_message_id = Text(default=None)
    since = Timestamptz(default=None)
    next_poll_at = Timestamptz(default=None, null=True)
