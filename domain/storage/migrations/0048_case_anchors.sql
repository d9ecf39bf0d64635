-- A case may stand for all that a customer owes in one currency. Which receivables those are, settled ones included, is in
-- case_receivables; a case of one receivable names that itself.
alter table cases alter column receivable_id drop not null;
alter table cases
  add column anchor text not null default 'receivable' check (anchor in ('receivable', 'oldest_open', 'balance')),
  add column currency text check (currency ~ '^[A-Z]{3}$'),
  -- when an account was last taken up, after it owed nothing
  add column round_started_at timestamptz,
  -- the customer's day on which a debt that was old already begins
  add column enters_on date,
  -- decided together with the customer's other cases, so that one notice can name several
  add column combined boolean not null default false,
  add constraint cases_anchor check (
    (anchor = 'receivable') = (receivable_id is not null) and (anchor = 'receivable') = (currency is null)
    and (anchor = 'receivable') = (round_started_at is null));
create unique index one_account_case on cases (tenant_id, customer_id, currency) where receivable_id is null;
create index cases_combined_due on cases (tenant_id, next_action_at) where combined and next_action_at is not null;
create index cases_entering on cases (tenant_id, plan_id, enters_on) where enters_on is not null;

create table case_receivables (
  tenant_id text collate "C" not null,
  receivable_id text collate "C" not null,
  case_id text collate "C" not null,
  joined_at timestamptz not null,
  primary key (tenant_id, receivable_id),
  foreign key (tenant_id, case_id) references cases (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create index case_receivables_of_case on case_receivables (tenant_id, case_id, receivable_id);
call guard_tenant_table('case_receivables');
revoke update on case_receivables from dunwell_app;
call limit_to_own_customers('case_receivables', 'sees_case(case_id)');

-- Which receivable a step was about: in an account that changes. Occurrences of before do not say; theirs is the case's.
alter table occurrences add column anchor_receivable_id text collate "C";
