-- How a tenant cuts what is overdue into aging buckets: the last day of each; what is longer overdue goes into one without an end.
alter table ledger_policies add column aging_bounds integer[] not null default '{30,60,90}'
  check (cardinality(aging_bounds) between 1 and 12 and aging_bounds[1] >= 1);
alter table ledger_policies alter column aging_bounds drop default;
-- A day in the past is reached from today by taking back what is dated later: these find it, and mostly that there is nothing.
create index entries_by_day on entries (tenant_id, effective_on);
create index payments_reversed on payments (tenant_id, reversed_on) where reversed_on is not null;
create index refunds_by_day on refunds (tenant_id, refunded_on);
create index credit_notes_cancelled on credit_notes (tenant_id, cancelled_on) where cancelled_on is not null;
