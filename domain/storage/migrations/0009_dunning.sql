create table reminder_plans (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  external_id text collate "C",
  name text not null check (length(name) between 1 and 200),
  is_default boolean not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id)
);
create unique index one_default_plan on reminder_plans (tenant_id) where is_default;
create table plan_versions (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  plan_id text collate "C" not null,
  number integer not null,
  state text not null check (state in ('draft', 'published', 'retired')),
  steps jsonb not null,
  published_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, plan_id, number),
  foreign key (tenant_id, plan_id) references reminder_plans (tenant_id, id)
);
create unique index one_draft_version on plan_versions (tenant_id, plan_id) where state = 'draft';
create unique index one_published_version on plan_versions (tenant_id, plan_id) where state = 'published';
create table cases (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  receivable_id text collate "C" not null,
  customer_id text collate "C" not null,
  plan_id text collate "C" not null,
  plan_version_id text collate "C" not null,
  state text not null check (state in ('active', 'escalated', 'closed')),
  close_reason text,
  next_action_at timestamptz,
  deferred_reasons jsonb not null,
  test_clock boolean not null,
  version integer not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, receivable_id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  foreign key (tenant_id, plan_version_id) references plan_versions (tenant_id, id),
  check (state <> 'closed' or next_action_at is null),
  check ((state = 'closed') = (closed_at is not null))
);
create index cases_of_customer on cases (tenant_id, customer_id, id);
create index cases_due on cases (next_action_at) where next_action_at is not null and not test_clock;
create index cases_due_of_tenant on cases (tenant_id, next_action_at) where next_action_at is not null;
create table occurrences (
  tenant_id text collate "C" not null,
  case_id text collate "C" not null,
  step_key text collate "C" not null,
  number integer not null,
  id text collate "C" not null,
  due_at timestamptz not null,
  decided_at timestamptz not null,
  outcome text not null check (outcome in ('done', 'skipped', 'held')),
  reasons jsonb not null,
  action text not null check (action in ('email', 'task', 'escalation')),
  -- what the step made: a notice, a task or an escalation
  result_id text collate "C",
  primary key (tenant_id, case_id, step_key, number),
  foreign key (tenant_id, case_id) references cases (tenant_id, id)
);
call guard_tenant_table('reminder_plans');
call guard_tenant_table('plan_versions');
call guard_tenant_table('cases');
call guard_tenant_table('occurrences');
revoke delete on cases from dunwell_app;
revoke update, delete on occurrences from dunwell_app;
call open_door('cases', 'tenant_id, next_action_at, test_clock');
