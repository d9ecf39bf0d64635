-- Payments that are moved, given back or taken back. Allocations stay immutable: what undoes one is a row of its own.
alter table allocations add column reverses_id text collate "C";
alter table allocations add foreign key (tenant_id, reverses_id) references allocations (tenant_id, id);
create unique index allocations_reversed_once on allocations (tenant_id, reverses_id) where reverses_id is not null;
alter table payments
  add column state text not null default 'recorded' check (state in ('recorded', 'reversed')),
  add column refunded_amount numeric not null default 0,
  add column reversed_on date,
  add column reversal_reason text check (reversal_reason in ('bounced', 'charged_back', 'recorded_by_mistake')),
  add column updated_at timestamptz,
  add check (refunded_amount >= 0 and unapplied_amount + refunded_amount <= amount),
  add check ((state = 'reversed') = (reversed_on is not null) and (state = 'reversed') = (reversal_reason is not null)),
  add check (state = 'recorded' or (unapplied_amount = 0 and refunded_amount = 0));
update payments set updated_at = created_at;
alter table payments alter column state drop default, alter column refunded_amount drop default,
  alter column updated_at set not null;
alter table entries drop constraint entries_kind_check;
alter table entries add constraint entries_kind_check check (kind in ('invoiced', 'correction', 'allocation', 'allocation_reversal'));
create table refunds (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  payment_id text collate "C" not null,
  external_id text collate "C",
  amount numeric not null check (amount > 0),
  refunded_on date not null,
  reference text,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id)
);
create index refunds_of_payment on refunds (tenant_id, payment_id, id);
call guard_tenant_table('refunds');
revoke update, delete on refunds from dunwell_app;
