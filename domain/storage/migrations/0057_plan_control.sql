-- A plan may only be tried (shadow), be paused, and have what it writes released by somebody.
alter table reminder_plans add column mode text not null default 'live' check (mode in ('live', 'shadow'));
alter table reminder_plans add column paused_at timestamptz;
alter table reminder_plans add column release text not null default 'automatic' check (release in ('automatic', 'manual'));
-- What a step would have done whose plan is only tried.
alter table occurrences add column shadow jsonb;
-- What a pause keeps waiting is found by its plan, to be woken; nothing looks at it until then.
create index cases_of_paused_plans on cases (tenant_id, plan_id, id) where deferred_reasons @> '["plan_paused"]';

-- Notices that wait for somebody to release them.
alter table notices drop constraint notices_state_check;
alter table notices add constraint notices_state_check check (state in (
  'proposed', 'queued', 'sending', 'sent', 'awaiting_confirmation', 'delivered', 'read', 'clicked', 'replied', 'bounced', 'failed',
  'unknown', 'cancelled'));
create index notices_proposed on notices (tenant_id, id) where state = 'proposed';
create index notices_proposed_of_customer on notices (tenant_id, customer_id) where state = 'proposed';

-- A run: proposed notices that somebody goes through and releases. One at a time.
create table reminder_runs (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  plan_id text collate "C",
  state text not null check (state in ('open', 'released', 'cancelled')),
  opened_by text not null,
  opened_at timestamptz not null,
  ended_at timestamptz,
  version integer not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, plan_id) references reminder_plans (tenant_id, id),
  check ((state = 'open') = (ended_at is null))
);
create unique index one_open_run on reminder_runs (tenant_id) where state = 'open';
call guard_tenant_table('reminder_runs');
revoke delete on reminder_runs from dunwell_app;

create table reminder_run_items (
  tenant_id text collate "C" not null,
  run_id text collate "C" not null,
  notice_id text collate "C" not null,
  customer_id text collate "C" not null,
  state text not null check (state in ('proposed', 'excluded', 'released')),
  reason text check (length(reason) <= 2000),
  changed_by text,
  changed_at timestamptz,
  primary key (tenant_id, run_id, notice_id),
  foreign key (tenant_id, run_id) references reminder_runs (tenant_id, id),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id)
);
call guard_tenant_table('reminder_run_items');
revoke delete on reminder_run_items from dunwell_app;
call limit_to_own_customers('reminder_run_items', 'customer_id = any ((select own_customer_ids())::text[])');
