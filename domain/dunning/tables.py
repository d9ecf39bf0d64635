"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema."""

from piccolo.columns import JSONB, Boolean, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class ReminderPlanRow(Table, tablename="reminder_plans", db=DB):
    """Rows of `reminder_plans`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    external_id = Text(default=None, null=True)
    name = Text(default=None)
    is_default = Boolean(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    does_nothing = Boolean(default=None)
    rollout_percent = Integer(default=None)
    mode = Text(default=None)
    paused_at = Timestamptz(default=None, null=True)
    release = Text(default=None)


class PlanVersionRow(Table, tablename="plan_versions", db=DB):
    """Rows of `plan_versions`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    plan_id = Text(default=None)
    number = Integer(default=None)
    state = Text(default=None)
    steps = JSONB(default=None)
    options = JSONB(default=None)
    published_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None)


class CaseRow(Table, tablename="cases", db=DB):
    """Rows of `cases`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    receivable_id = Text(default=None, null=True)
    customer_id = Text(default=None)
    plan_id = Text(default=None)
    plan_version_id = Text(default=None)
    state = Text(default=None)
    close_reason = Text(default=None, null=True)
    next_action_at = Timestamptz(default=None, null=True)
    deferred_reasons = JSONB(default=None)
    deferred_until = Timestamptz(default=None, null=True)
    deferred_step = Text(default=None, null=True)
    test_clock = Boolean(default=None)
    version = Integer(default=None)
    opened_at = Timestamptz(default=None)
    closed_at = Timestamptz(default=None, null=True)
    anchor = Text(default=None)
    currency = Text(default=None, null=True)
    round_started_at = Timestamptz(default=None, null=True)
    enters_on = Date(default=None, null=True)
    combined = Boolean(default=None)


class CaseReceivableRow(Table, tablename="case_receivables", db=DB):
    """Rows of `case_receivables`."""

    tenant_id = Text(default=None)
    receivable_id = Text(primary_key=True, default=None)
    case_id = Text(default=None)
    joined_at = Timestamptz(default=None)


class ReminderSettingsRow(Table, tablename="reminder_settings", db=DB):
    """Rows of `reminder_settings`."""

    tenant_id = Text(default=None)
    receivable_id = Text(primary_key=True, default=None)
    plan_id = Text(default=None, null=True)
    grace_days = Integer(default=None, null=True)
    minimum_days_between = Integer(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    delay_reason = Text(default=None, null=True)


class StepApprovalRow(Table, tablename="step_approvals", db=DB):
    """Rows of `step_approvals`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    case_id = Text(default=None)
    customer_id = Text(default=None)
    receivable_id = Text(default=None)
    step_key = Text(default=None)
    number = Integer(default=None)
    action = Text(default=None)
    title = Text(default=None, null=True)
    state = Text(default=None)
    due_at = Timestamptz(default=None)
    requested_at = Timestamptz(default=None)
    decided_by = Text(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    note = Text(default=None, null=True)
    version = Integer(default=None)


class OccurrenceRow(Table, tablename="occurrences", db=DB):
    """Rows of `occurrences`."""

    tenant_id = Text(default=None)
    case_id = Text(default=None)
    step_key = Text(default=None)
    number = Integer(default=None)
    id = Text(primary_key=True, default=None)
    due_at = Timestamptz(default=None)
    decided_at = Timestamptz(default=None)
    outcome = Text(default=None)
    reasons = JSONB(default=None)
    action = Text(default=None)
    result_id = Text(default=None, null=True)
    anchor_receivable_id = Text(default=None, null=True)
    branch = Integer(default=None, null=True)
    shadow = JSONB(default=None, null=True)


class CustomerReminderSettingsRow(Table, tablename="customer_reminder_settings", db=DB):
    """Rows of `customer_reminder_settings`."""

    tenant_id = Text(default=None)
    customer_id = Text(primary_key=True, default=None)
    plan_id = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class PlanAssignmentRow(Table, tablename="plan_assignments", db=DB):
    """Rows of `plan_assignments`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    segment_id = Text(default=None)
    plan_id = Text(default=None)
    priority = Integer(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class ReminderRunRow(Table, tablename="reminder_runs", db=DB):
    """Rows of `reminder_runs`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    plan_id = Text(default=None, null=True)
    state = Text(default=None)
    opened_by = Text(default=None)
    opened_at = Timestamptz(default=None)
    ended_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)


class ReminderRunItemRow(Table, tablename="reminder_run_items", db=DB):
    """Rows of `reminder_run_items`."""

    tenant_id = Text(default=None)
    run_id = Text(default=None)
    notice_id = Text(default=None)
    customer_id = Text(default=None)
    state = Text(default=None)
    reason = Text(default=None, null=True)
    changed_by = Text(default=None, null=True)
    changed_at = Timestamptz(default=None, null=True)
