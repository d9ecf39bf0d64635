-- What is given up, and what was never owed.
alter table receivables
  add column written_off_amount numeric not null default 0 check (written_off_amount >= 0),
  add column cancelled_on date,
  add column cancellation_reason text,
  add check (open_amount + written_off_amount <= amount),
  add check (cancelled_on is null or (open_amount = 0 and written_off_amount = 0)),
  add check ((cancelled_on is null) = (cancellation_reason is null));
do $$
declare
  old text;
begin
  for old in select conname from pg_constraint where conrelid = 'receivables'::regclass and contype = 'c'
    and pg_get_constraintdef(oid) like '%status%' loop
    execute format('alter table receivables drop constraint %I', old);
  end loop;
end $$;
alter table receivables
  add constraint receivables_status_check check (status in ('open', 'partly_paid', 'paid', 'written_off', 'cancelled')),
  add constraint receivables_settled_check check ((status in ('paid', 'written_off', 'cancelled')) = (open_amount = 0)),
  add constraint receivables_open_check check (status <> 'open' or open_amount + written_off_amount = amount),
  add constraint receivables_cancelled_check check ((status = 'cancelled') = (cancelled_on is not null)),
  add constraint receivables_overdue_check check (open_amount > 0 or overdue_at is null);

alter table entries drop constraint entries_kind_check;
alter table entries add constraint entries_kind_check check (kind in
  ('invoiced', 'correction', 'allocation', 'allocation_reversal', 'write_off', 'write_off_reversal', 'cancellation'));
alter table entries add column write_off_id text collate "C";

create table write_offs (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  receivable_id text collate "C" not null,
  customer_id text collate "C" not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount > 0),
  reversed_amount numeric not null check (reversed_amount >= 0 and reversed_amount <= amount),
  reason text not null check (reason in ('uncollectible', 'insolvency', 'settlement', 'small_difference', 'other')),
  note text,
  state text not null check (state in ('pending_approval', 'effective', 'rejected', 'reversed')),
  effective_on date not null,
  requested_by text collate "C" not null,
  decided_by text collate "C",
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  check (decided_by is null or decided_by <> requested_by),
  check ((state = 'reversed') = (reversed_amount = amount))
);
create index write_offs_of_receivable on write_offs (tenant_id, receivable_id, id);
create index write_offs_of_customer on write_offs (tenant_id, customer_id, id);
create unique index write_offs_pending on write_offs (tenant_id, receivable_id) where state = 'pending_approval';
create table ledger_policies (
  tenant_id text collate "C" primary key references tenants (id),
  allocation_policy text not null check (allocation_policy in ('oldest_due_first', 'largest_first', 'pro_rata')),
  tolerances jsonb not null,
  approval_limits jsonb not null,
  version integer not null,
  updated_at timestamptz not null
);
call guard_tenant_table('write_offs');
call guard_tenant_table('ledger_policies');
revoke delete on write_offs from dunwell_app;
