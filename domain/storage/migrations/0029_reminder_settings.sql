-- How one receivable is reminded where it differs from the others; a null leaves it to the tenant's plan.
create table reminder_settings (
  tenant_id text collate "C" not null,
  receivable_id text collate "C" not null,
  plan_id text collate "C",
  grace_days integer check (grace_days between 0 and 365),
  minimum_days_between integer check (minimum_days_between between 1 and 365),
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, receivable_id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  foreign key (tenant_id, plan_id) references reminder_plans (tenant_id, id)
);
call guard_tenant_table('reminder_settings');
call limit_to_own_customers('reminder_settings', 'sees_receivable(receivable_id)');
