-- Data keys of tenants, wrapped with the server's secret key. Number 0 is the key of search hashes.
create table data_keys (
  tenant_id text collate "C" not null references tenants (id),
  number integer not null check (number >= 0),
  sealed_key bytea not null,
  created_at timestamptz not null,
  active_at timestamptz not null,
  primary key (tenant_id, number)
);
call guard_tenant_table('data_keys');
revoke delete on data_keys from dunwell_app;

-- Who did what, through which client, from where: one chain of hashes for each owner (a tenant or a platform).
create table audit_heads (
  owner_id text collate "C" primary key,
  last_sequence bigint not null,
  last_hash bytea not null
);
create table audit_entries (
  owner_id text collate "C" not null,
  sequence bigint not null,
  id text collate "C" not null,
  recorded_at timestamptz not null,
  action text not null,
  actor_kind text not null check (actor_kind in ('client', 'user', 'operator', 'system')),
  actor_id text collate "C" not null,
  client_id text collate "C",
  address text,
  request_id text,
  object_ids text[] not null,
  details jsonb not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (owner_id, sequence),
  unique (owner_id, id)
);
create index audit_entries_by_object on audit_entries using gin (object_ids);
create index audit_entries_by_actor on audit_entries (owner_id, actor_id, sequence);
alter table audit_heads enable row level security;
alter table audit_heads force row level security;
create policy own_head on audit_heads to dunwell_app
  using (owner_id in (current_tenant(), current_platform())) with check (owner_id in (current_tenant(), current_platform()));
alter table audit_entries enable row level security;
alter table audit_entries force row level security;
create policy own_entries on audit_entries to dunwell_app
  using (owner_id in (current_tenant(), current_platform())) with check (owner_id in (current_tenant(), current_platform()));
grant select, insert, update on audit_heads to dunwell_app;
grant select, insert on audit_entries to dunwell_app;
