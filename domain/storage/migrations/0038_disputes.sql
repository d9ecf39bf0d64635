-- Disputes: the customer contests an amount of a receivable; only that amount leaves dunning and bears no late interest.
create table disputes (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  receivable_id text collate "C" not null,
  customer_id text collate "C" not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric not null check (amount > 0 and amount < 1e15),
  accepted_amount numeric not null check (accepted_amount >= 0 and accepted_amount <= amount),
  reason text not null check (reason in
    ('goods_damaged', 'goods_missing', 'price', 'quality', 'not_delivered', 'already_paid', 'duplicate', 'other')),
  note text,
  raised_by text,
  assignee text,
  state text not null check (state in ('open', 'investigating', 'accepted', 'partially_accepted', 'rejected', 'withdrawn')),
  resolution_note text,
  credit_note_id text collate "C",
  opened_on date not null,
  resolved_on date,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id),
  check ((state in ('open', 'investigating')) = (resolved_on is null)),
  check (resolved_on is null or resolved_on >= opened_on),
  check (accepted_amount = case state when 'accepted' then amount when 'partially_accepted' then accepted_amount else 0 end),
  check (state <> 'partially_accepted' or (accepted_amount > 0 and accepted_amount < amount))
);
create index disputes_of_receivable on disputes (tenant_id, receivable_id, id);
create index disputes_of_customer on disputes (tenant_id, customer_id, id);
create index disputes_unresolved on disputes (tenant_id, receivable_id) include (amount) where resolved_on is null;
create index disputes_by_end on disputes (tenant_id, resolved_on);
call guard_tenant_table('disputes');
revoke delete on disputes from dunwell_app;
call limit_to_own_customers('disputes', 'customer_id = any ((select own_customer_ids())::text[])');
-- What was disputed when a notice was rendered: if that changed before it is sent, the notice is not true any more.
alter table notices add column disputed_amount numeric not null default 0 check (disputed_amount >= 0 and disputed_amount <= open_amount);
