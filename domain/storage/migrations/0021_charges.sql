-- Charges on top of what was invoiced, and of which kind (principal, interest, fee, cost) each open amount is.
alter table receivables
  add column charged_amount numeric not null default 0 check (charged_amount >= 0),
  add column open_interest numeric not null default 0 check (open_interest >= 0),
  add column open_fee numeric not null default 0 check (open_fee >= 0),
  add column open_cost numeric not null default 0 check (open_cost >= 0);
do $$
declare
  old text;
begin
  for old in select conname from pg_constraint where conrelid = 'receivables'::regclass and contype = 'c'
    and (pg_get_constraintdef(oid) like '%open_amount <= amount%' or pg_get_constraintdef(oid) like '%written_off_amount) <= amount%'
      or pg_get_constraintdef(oid) like '%written_off_amount) = amount%') loop
    execute format('alter table receivables drop constraint %I', old);
  end loop;
end $$;
alter table receivables
  add constraint receivables_sum_check check (open_amount >= 0 and open_amount + written_off_amount <= amount + charged_amount),
  add constraint receivables_parts_check check (open_interest + open_fee + open_cost <= open_amount),
  add constraint receivables_open_check check (status <> 'open' or open_amount + written_off_amount = amount + charged_amount);

alter table entries drop constraint entries_kind_check;
alter table entries add constraint entries_kind_check check (kind in ('invoiced', 'correction', 'charge', 'charge_waiver', 'allocation',
  'allocation_reversal', 'credit', 'credit_reversal', 'write_off', 'write_off_reversal', 'cancellation'));
alter table entries
  add column component text not null default 'principal' check (component in ('principal', 'interest', 'fee', 'cost')),
  add column charge_id text collate "C",
  add check ((kind in ('charge', 'charge_waiver')) = (charge_id is not null));

create table charge_rules (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  name text not null check (length(name) between 1 and 200),
  component text not null check (component in ('interest', 'fee', 'cost')),
  terms jsonb not null,
  source text,
  valid_from date,
  valid_to date,
  state text not null check (state in ('active', 'archived')),
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
create table charges (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  receivable_id text collate "C" not null,
  customer_id text collate "C" not null,
  rule_id text collate "C",
  component text not null check (component in ('interest', 'fee', 'cost')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount > 0 and amount < 1e15),
  waived_amount numeric not null check (waived_amount >= 0 and waived_amount <= amount),
  reason text,
  waiver_reason text,
  effective_on date not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  foreign key (tenant_id, rule_id) references charge_rules (tenant_id, id)
);
create index charges_of_receivable on charges (tenant_id, receivable_id, id);
create index charges_of_customer on charges (tenant_id, customer_id, id);
-- A fee or a compensation is charged once for each receivable and rule; interest again and again as it grows.
create unique index charged_once on charges (tenant_id, receivable_id, rule_id) where component <> 'interest' and rule_id is not null;
call guard_tenant_table('charge_rules');
call guard_tenant_table('charges');
revoke delete on charges from dunwell_app;
alter table ledger_policies add column settle_first text not null default 'charges' check (settle_first in ('charges', 'principal'));
create index entries_of_allocation on entries (tenant_id, allocation_id) where allocation_id is not null;
create index entries_of_write_off on entries (tenant_id, write_off_id) where write_off_id is not null;
