-- A step that somebody has to approve: one row for each time that it falls due.
create table step_approvals (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  case_id text collate "C" not null,
  customer_id text collate "C" not null,
  receivable_id text collate "C" not null,
  step_key text not null,
  number integer not null check (number > 0),
  action text not null,
  title text,
  state text not null check (state in ('open', 'approved', 'rejected')),
  due_at timestamptz not null,
  requested_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  note text check (length(note) <= 2000),
  version integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, case_id, step_key, number),
  foreign key (tenant_id, case_id) references cases (tenant_id, id),
  check ((state = 'open') = (decided_at is null)),
  check ((state = 'open') = (decided_by is null))
);
create index step_approvals_of_customer on step_approvals (tenant_id, customer_id, id);
create index step_approvals_open on step_approvals (tenant_id, id) where state = 'open';
call guard_tenant_table('step_approvals');
revoke delete on step_approvals from dunwell_app;
call limit_to_own_customers('step_approvals', 'customer_id = any ((select own_customer_ids())::text[])');
-- Whoever has this role may do the task; the tenant says what its roles are.
alter table tasks add column role text check (role ~ '^[a-z][a-z0-9_]{0,49}$');
