-- What a tenant calls its customers (VIP, large order, first time): a set of texts, kept in order so that equal sets are equal rows.
alter table customers add column tags text[] not null default '{}' check (cardinality(tags) <= 50);
-- Why the customer says, or the collector believes, that it pays late.
alter table reminder_settings add column delay_reason text check (delay_reason in
  ('forgot', 'process_stuck', 'invoice_lost', 'cash_shortage', 'dispute', 'unwilling', 'unreachable', 'other'));
-- A question about customers that is kept under a name; the answer is never stored.
create table segments (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  name text not null check (length(name) between 1 and 200),
  predicate jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
call guard_tenant_table('segments');
