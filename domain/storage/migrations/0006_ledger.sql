create table receivables (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  external_id text collate "C",
  customer_id text collate "C" not null,
  number text not null check (length(number) between 1 and 200),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount > 0 and amount < 1e15),
  open_amount numeric not null check (open_amount >= 0 and open_amount <= amount),
  issued_on date not null,
  due_on date not null check (due_on >= issued_on),
  status text not null check (status in ('open', 'partly_paid', 'paid')),
  overdue_at timestamptz,
  test_clock boolean not null,
  metadata jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  check ((status = 'paid') = (open_amount = 0)),
  check (status <> 'open' or open_amount = amount),
  check (status <> 'paid' or overdue_at is null)
);
-- What allocating oldest due first reads: one customer's open items in their order.
create index receivables_open_of_customer on receivables (tenant_id, customer_id, currency, due_on, id) where open_amount > 0;
create index receivables_of_customer on receivables (tenant_id, customer_id, id);
-- overdue_at is the instant at which the receivable turns overdue; it is cleared once that was announced or settled.
create index receivables_turning_overdue on receivables (overdue_at) where overdue_at is not null and not test_clock;
create index receivables_turning_overdue_of_tenant on receivables (tenant_id, overdue_at) where overdue_at is not null;
create table payments (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  external_id text collate "C",
  customer_id text collate "C" not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount > 0 and amount < 1e15),
  unapplied_amount numeric not null check (unapplied_amount >= 0 and unapplied_amount <= amount),
  received_on date not null,
  reference text,
  method text,
  version integer not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index payments_of_customer on payments (tenant_id, customer_id, id);
create index payments_unapplied on payments (tenant_id, customer_id, currency) include (unapplied_amount) where unapplied_amount > 0;
create table allocations (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  payment_id text collate "C" not null,
  receivable_id text collate "C" not null,
  amount numeric not null check (amount > 0),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create index allocations_of_payment on allocations (tenant_id, payment_id);
create index allocations_of_receivable on allocations (tenant_id, receivable_id);
-- Every movement on a receivable, immutable; the open amount is their sum.
create table entries (
  tenant_id text collate "C" not null,
  receivable_id text collate "C" not null,
  id text collate "C" not null,
  kind text not null check (kind in ('invoiced', 'correction', 'allocation')),
  amount numeric not null check (amount <> 0),
  effective_on date not null,
  allocation_id text collate "C",
  created_at timestamptz not null,
  primary key (tenant_id, receivable_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
call guard_tenant_table('receivables');
call guard_tenant_table('payments');
call guard_tenant_table('allocations');
call guard_tenant_table('entries');
revoke update, delete on entries from dunwell_app;
revoke update, delete on allocations from dunwell_app;
call open_door('receivables', 'tenant_id, overdue_at, test_clock');
