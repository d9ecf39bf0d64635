-- Credit notes: less is owed. They settle receivables as payments do.
create table credit_notes (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  external_id text collate "C",
  customer_id text collate "C" not null,
  number text not null check (length(number) between 1 and 200),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount > 0 and amount < 1e15),
  unapplied_amount numeric not null check (unapplied_amount >= 0 and unapplied_amount <= amount),
  issued_on date not null,
  reason text not null check (reason in ('goods_returned', 'price_adjustment', 'billing_error', 'dispute', 'rebate', 'other')),
  note text,
  state text not null check (state in ('issued', 'cancelled')),
  cancelled_on date,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  check ((state = 'cancelled') = (cancelled_on is not null)),
  check (state = 'issued' or unapplied_amount = 0)
);
create index credit_notes_of_customer on credit_notes (tenant_id, customer_id, id);
create index credit_notes_unapplied on credit_notes (tenant_id, customer_id, currency) include (unapplied_amount)
  where unapplied_amount > 0;
call guard_tenant_table('credit_notes');
revoke delete on credit_notes from dunwell_app;
alter table allocations alter column payment_id drop not null;
alter table allocations add column credit_note_id text collate "C";
alter table allocations add foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id);
alter table allocations add check ((payment_id is null) <> (credit_note_id is null));
create index allocations_of_credit_note on allocations (tenant_id, credit_note_id) where credit_note_id is not null;
alter table entries drop constraint entries_kind_check;
alter table entries add constraint entries_kind_check check (kind in ('invoiced', 'correction', 'allocation', 'allocation_reversal',
  'credit', 'credit_reversal', 'write_off', 'write_off_reversal', 'cancellation'));
