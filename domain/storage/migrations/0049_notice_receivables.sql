-- A notice that names several receivables, with the amounts as they were; its own amounts are the sums. One about a single
-- receivable names that itself and has no row here.
alter table notices add column receivable_count integer not null default 1 check (receivable_count >= 1);
create table notice_receivables (
  tenant_id text collate "C" not null,
  notice_id text collate "C" not null,
  receivable_id text collate "C" not null,
  case_id text collate "C",
  number text not null,
  issued_on date not null,
  due_on date not null,
  open_amount numeric not null check (open_amount > 0),
  disputed_amount numeric not null check (disputed_amount >= 0 and disputed_amount <= open_amount),
  primary key (tenant_id, notice_id, receivable_id),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create index notice_receivables_of_receivable on notice_receivables (tenant_id, receivable_id, notice_id);
create index notice_receivables_of_case on notice_receivables (tenant_id, case_id, notice_id);
call guard_tenant_table('notice_receivables');
revoke update, delete on notice_receivables from dunwell_app;
call limit_to_own_customers('notice_receivables', 'sees_notice(notice_id)');
