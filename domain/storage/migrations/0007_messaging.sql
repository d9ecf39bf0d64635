create table templates (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  key text collate "C" not null check (length(key) between 1 and 100),
  channel text not null check (channel in ('email')),
  locale text collate "C" not null,
  subject text not null,
  body text not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, key, channel, locale)
);
create table notices (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  customer_id text collate "C" not null,
  receivable_id text collate "C" not null,
  contact_id text collate "C" not null,
  case_id text collate "C",
  step_key text,
  channel text not null check (channel in ('email')),
  template_key text not null,
  locale text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  currency text not null,
  open_amount numeric not null,
  message_id text not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
  reason text,
  attempt_count integer not null,
  next_attempt_at timestamptz,
  leased_until timestamptz,
  test_clock boolean not null,
  version integer not null,
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  check ((state = 'queued') = (next_attempt_at is not null)),
  check ((state = 'sending') = (leased_until is not null))
);
create index notices_of_customer on notices (tenant_id, customer_id, id);
create index notices_of_receivable on notices (tenant_id, receivable_id, id);
create index notices_of_case on notices (tenant_id, case_id, id);
create index notices_due on notices (next_attempt_at) where next_attempt_at is not null and not test_clock;
create index notices_due_of_tenant on notices (tenant_id, next_attempt_at) where next_attempt_at is not null;
create index notices_leased on notices (leased_until) where leased_until is not null;
create index notices_leased_of_tenant on notices (tenant_id, leased_until) where leased_until is not null;
-- What became of each attempt to send a notice.
create table deliveries (
  tenant_id text collate "C" not null,
  notice_id text collate "C" not null,
  number integer not null,
  outcome text not null check (outcome in ('accepted', 'retryable', 'rejected', 'unknown')),
  code text not null,
  detail text not null,
  attempted_at timestamptz not null,
  primary key (tenant_id, notice_id, number),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id)
);
call guard_tenant_table('templates');
call guard_tenant_table('notices');
call guard_tenant_table('deliveries');
revoke delete on notices from dunwell_app;
revoke update, delete on deliveries from dunwell_app;
call open_door('notices', 'tenant_id, next_attempt_at, leased_until, test_clock');
