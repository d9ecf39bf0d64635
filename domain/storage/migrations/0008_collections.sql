create table activities (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  customer_id text collate "C" not null,
  receivable_id text collate "C",
  kind text not null check (kind in ('call', 'visit', 'letter', 'message', 'note')),
  outcome text check (outcome in ('reached', 'no_answer', 'promised', 'refused', 'disputed', 'other')),
  summary text not null,
  occurred_at timestamptz not null,
  recorded_by text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create index activities_of_customer on activities (tenant_id, customer_id, id);
create table tasks (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  customer_id text collate "C",
  receivable_id text collate "C",
  case_id text collate "C",
  step_key text,
  notice_id text collate "C",
  title text not null check (length(title) between 1 and 300),
  description text not null,
  assignee text,
  due_at timestamptz,
  state text not null check (state in ('open', 'completed', 'cancelled')),
  completion_note text,
  completed_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create index tasks_of_customer on tasks (tenant_id, customer_id, id);
create index tasks_by_state on tasks (tenant_id, state, id);
create table escalations (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  customer_id text collate "C" not null,
  receivable_id text collate "C" not null,
  case_id text collate "C" not null,
  step_key text not null,
  level text not null check (level in ('management', 'service_suspension', 'legal', 'agency')),
  currency text not null,
  open_amount numeric not null,
  raised_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, case_id, step_key),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create index escalations_of_customer on escalations (tenant_id, customer_id, id);
call guard_tenant_table('activities');
call guard_tenant_table('tasks');
call guard_tenant_table('escalations');
