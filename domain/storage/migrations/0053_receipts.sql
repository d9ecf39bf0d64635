-- What became of a notice after it had left: told by providers, mailboxes and integrators, each thing once.
alter table notices drop constraint notices_state_check;
alter table notices add constraint notices_state_check check (state in (
  'queued', 'sending', 'sent', 'awaiting_confirmation', 'delivered', 'read', 'clicked', 'replied', 'bounced', 'failed', 'unknown', 'cancelled'));
alter table notices
  add delivered_at timestamptz,
  add read_at timestamptz,
  add replied_at timestamptz,
  add bounced_at timestamptz,
  -- Of a notice that an integrator sends by itself: since when it waits, and who has it in hand until when (real time).
  add offered_at timestamptz,
  add claimed_until timestamptz,
  add claim_token text;
alter table notices drop constraint notices_check;
alter table notices add constraint notices_queued_check
  check ((state = 'queued') = (next_attempt_at is not null or offered_at is not null));
alter table notices add check (next_attempt_at is null or offered_at is null);
create index notices_offered on notices (tenant_id, offered_at, id) where offered_at is not null;

-- [{"channel", "reason", "told_at"}]: addresses that take no messages.
alter table contacts add invalid_addresses jsonb not null default '[]';

create table receipts (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  notice_id text collate "C" not null,
  kind text not null check (kind in ('delivered', 'read', 'clicked', 'replied', 'bounced', 'failed', 'complained', 'opted_out')),
  code text not null,
  detail text not null check (length(detail) <= 2000),
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, notice_id, kind, code, occurred_at),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id)
);
call guard_tenant_table('receipts');
revoke update, delete on receipts from dunwell_app;
call limit_to_own_customers('receipts', 'sees_notice(notice_id)');

-- Receipts that belong to no notice, counted: a provider that is set up wrongly shows here.
create table ignored_receipts (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  channel_account_id text collate "C",
  kind text not null,
  reason text not null,
  count integer not null,
  last_received_at timestamptz not null,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, channel_account_id, kind, reason)
);
call guard_tenant_table('ignored_receipts');
revoke delete on ignored_receipts from dunwell_app;

create index tasks_open_of_notice on tasks (tenant_id, notice_id) where state = 'open' and notice_id is not null;
