-- A plan that does nothing is a choice too: it wins where it is assigned, and nobody is reminded. A plan may be given to only a part
-- of the customers for whom a rule chooses it.
alter table reminder_plans
  add column does_nothing boolean not null default false,
  add column rollout_percent integer not null default 100 check (rollout_percent between 0 and 100);
-- The plan of all receivables of one customer that have none of their own.
create table customer_reminder_settings (
  tenant_id text collate "C" not null,
  customer_id text collate "C" not null,
  plan_id text collate "C" not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, customer_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, plan_id) references reminder_plans (tenant_id, id)
);
call guard_tenant_table('customer_reminder_settings');
call limit_to_own_customers('customer_reminder_settings', 'customer_id = any ((select own_customer_ids())::text[])');
-- Which plan the customers of a segment get, where neither receivable nor customer has its own; the smallest number is asked first.
create table plan_assignments (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  segment_id text collate "C" not null,
  plan_id text collate "C" not null,
  priority integer not null check (priority between 1 and 1000000),
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  constraint one_assignment_of_a_priority unique (tenant_id, priority),
  foreign key (tenant_id, segment_id) references segments (tenant_id, id),
  foreign key (tenant_id, plan_id) references reminder_plans (tenant_id, id)
);
create index plan_assignments_of_segment on plan_assignments (tenant_id, segment_id);
create index plan_assignments_of_plan on plan_assignments (tenant_id, plan_id);
call guard_tenant_table('plan_assignments');
