-- The customer's own list of open items against ours, line by line, and what is done about the differences.
create table reconciliations (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  customer_id text collate "C" not null,
  as_of date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  state text not null check (state in ('open', 'completed')),
  our_amount numeric not null,
  their_amount numeric not null,
  matched_count integer not null check (matched_count >= 0),
  difference_count integer not null check (difference_count >= 0),
  unresolved_count integer not null check (unresolved_count between 0 and difference_count),
  completed_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  check ((state = 'completed') = (unresolved_count = 0)),
  check ((state = 'completed') = (completed_at is not null))
);
create index reconciliations_of_customer on reconciliations (tenant_id, customer_id, id);
create index reconciliations_open on reconciliations (tenant_id, id) where state = 'open';

create table reconciliation_items (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  reconciliation_id text collate "C" not null,
  customer_id text collate "C" not null,
  position integer not null check (position > 0),
  kind text not null check (kind in
    ('matched', 'amount_differs', 'missing_at_customer', 'unknown_to_us', 'duplicate_in_list', 'settled_since')),
  matched_by text check (matched_by in ('number', 'reference', 'amount_and_due_on')),
  receivable_id text collate "C",
  our_number text,
  our_due_on date,
  our_amount numeric check (our_amount >= 0),
  their_number text check (length(their_number) between 1 and 200),
  their_reference text check (length(their_reference) between 1 and 200),
  their_issued_on date,
  their_due_on date,
  their_amount numeric check (their_amount > 0 and their_amount < 1e15),
  difference_amount numeric not null,
  state text check (state in ('open', 'in_progress', 'resolved')),
  owner_id text collate "C",
  resolution text check (resolution in ('agreed_ours', 'agreed_theirs', 'corrected', 'other')),
  note text check (length(note) between 1 and 2000),
  resolved_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, reconciliation_id, position),
  foreign key (tenant_id, reconciliation_id) references reconciliations (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  foreign key (tenant_id, owner_id) references users (tenant_id, id),
  check ((kind = 'matched') = (state is null)),
  check ((state is not distinct from 'resolved') = (resolution is not null)),
  check ((resolution is null) = (resolved_at is null)),
  check (difference_amount = coalesce(our_amount, 0) - coalesce(their_amount, 0))
);
create index reconciliation_items_of_owner on reconciliation_items (tenant_id, owner_id) where owner_id is not null;
do $$
declare
  named text;
begin
  foreach named in array array['reconciliations', 'reconciliation_items'] loop
    call guard_tenant_table(named);
    call limit_to_own_customers(named, 'customer_id = any ((select own_customer_ids())::text[])');
    execute format('revoke update, delete on %s from dunwell_app', named);
  end loop;
end $$;
-- What was compared stays as it was; only what is done about it changes.
grant update (state, unresolved_count, completed_at, version, updated_at) on reconciliations to dunwell_app;
grant update (state, owner_id, resolution, note, resolved_at, version, updated_at) on reconciliation_items to dunwell_app;
