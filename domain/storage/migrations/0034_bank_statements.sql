-- Bank statements, their lines and what was suggested for each, and which payer was found to be which customer.
alter table operations drop constraint operations_kind_check;
alter table operations add constraint operations_kind_check
  check (kind in ('import', 'clock_advance', 'bank_statement', 'bank_acceptance'));
create table bank_statements (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  operation_id text collate "C" not null,
  position integer not null,
  format text not null check (format in ('mt940', 'camt053', 'csv')),
  account text not null,
  reference text not null,
  currency text check (currency ~ '^[A-Z]{3}$'),
  opening_balance numeric,
  closing_balance numeric,
  has_balance_mismatch boolean not null,
  line_count integer not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, operation_id, position)
);
create table bank_statement_lines (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  statement_id text collate "C" not null,
  number integer not null,
  fingerprint bytea not null,
  state text not null check (state in ('proposed', 'ambiguous', 'unmatched', 'accepted', 'ignored', 'already_recorded')),
  direction text not null check (direction in ('credit', 'debit')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount >= 0 and amount < 1e15),
  is_reversal boolean not null,
  booked_on date not null,
  value_on date,
  remittance text not null,
  counterparty_name text not null,
  sealed_counterparty_account bytea,
  end_to_end_id text not null,
  bank_reference text not null,
  suggestions jsonb not null,
  ignored_reason text,
  payment_id text collate "C",
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, fingerprint),
  foreign key (tenant_id, statement_id) references bank_statements (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  check ((state = 'accepted') = (payment_id is not null)),
  check ((state = 'ignored') = (ignored_reason is not null))
);
create index bank_statement_lines_in_order on bank_statement_lines (tenant_id, statement_id, number);
create index bank_statement_lines_of_state on bank_statement_lines (tenant_id, state, id);
create table bank_payers (
  tenant_id text collate "C" not null,
  key bytea not null,
  customer_id text collate "C" not null,
  created_at timestamptz not null,
  primary key (tenant_id, key, customer_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
call guard_tenant_table('bank_statements');
call guard_tenant_table('bank_statement_lines');
call guard_tenant_table('bank_payers');
revoke delete on bank_statements from dunwell_app;
revoke delete on bank_statement_lines from dunwell_app;
-- A statement shows what all customers pay: closed to a collector who is limited to own customers.
do $$
declare
  closed text;
begin
  foreach closed in array array['bank_statements', 'bank_statement_lines', 'bank_payers'] loop
    call limit_to_own_customers(closed, 'false');
  end loop;
end $$;

-- What lines are matched by, as columns: behind row-level security an index serves only comparisons that cannot leak, which those of
-- expressions and of numerics are not. `number_key` is the form that domain/banking/rules/references.py makes.
alter table receivables
  add column number_key text collate "C" not null
    generated always as (translate(lower(normalize(number, NFKC) collate "C"), ' -_/.:#', '')) stored,
  add column open_key text collate "C" not null generated always as (currency || ' ' || trim_scale(open_amount)::text) stored;
create index receivables_open_by_number on receivables (tenant_id, number_key, id) where open_amount > 0;
create index receivables_open_by_amount on receivables (tenant_id, open_key, due_on, id) where open_amount > 0;
