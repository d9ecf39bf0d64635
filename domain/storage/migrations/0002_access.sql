create table platforms (
  id text collate "C" primary key,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null
);
create table tenants (
  id text collate "C" primary key,
  platform_id text collate "C" not null references platforms (id),
  external_id text collate "C",
  name text not null check (length(name) between 1 and 200),
  mode text not null check (mode in ('live', 'sandbox')),
  status text not null check (status in ('active', 'suspended', 'closed')),
  base_currency text not null check (base_currency ~ '^[A-Z]{3}$'),
  time_zone text not null,
  locale text not null,
  country text check (country ~ '^[A-Z]{2}$'),
  clock_kind text not null check (clock_kind in ('system', 'test')),
  clock_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (platform_id, external_id),
  check ((clock_kind = 'test') = (clock_at is not null)),
  check (clock_kind = 'system' or mode = 'sandbox')
);
create index tenants_on_test_clock on tenants (id) where clock_kind = 'test';
create table oauth_clients (
  id text collate "C" primary key,
  platform_id text collate "C" not null references platforms (id),
  tenant_id text collate "C" references tenants (id),
  name text not null check (length(name) between 1 and 200),
  secret_hash text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index oauth_clients_of_tenant on oauth_clients (tenant_id);
create index oauth_clients_of_platform on oauth_clients (platform_id);
create table signing_keys (
  id text collate "C" primary key,
  sealed_private_key bytea not null,
  created_at timestamptz not null
);
create table idempotency_keys (
  owner_id text collate "C" not null,
  client_id text collate "C" not null,
  key text collate "C" not null,
  fingerprint text not null,
  status integer not null,
  headers jsonb not null,
  sealed_body bytea not null,
  created_at timestamptz not null,
  primary key (owner_id, client_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

alter table platforms enable row level security;
alter table platforms force row level security;
create policy own_platform on platforms to dunwell_app using (id = current_platform()) with check (id = current_platform());
alter table tenants enable row level security;
alter table tenants force row level security;
create policy own_tenant on tenants to dunwell_app
  using (id = current_tenant() or platform_id = current_platform())
  with check (id = current_tenant() or platform_id = current_platform());
alter table oauth_clients enable row level security;
alter table oauth_clients force row level security;
create policy own_clients on oauth_clients to dunwell_app
  using (tenant_id = current_tenant() or platform_id = current_platform())
  with check (tenant_id = current_tenant() or platform_id = current_platform());
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy own_keys on idempotency_keys to dunwell_app
  using (owner_id in (current_tenant(), current_platform()))
  with check (owner_id in (current_tenant(), current_platform()));
grant select, insert on platforms to dunwell_app;
grant select, insert, update on tenants to dunwell_app;
grant select, insert, update on oauth_clients to dunwell_app;
grant select, insert on signing_keys to dunwell_app;
grant select, insert, delete on idempotency_keys to dunwell_app;
call open_door('tenants', 'id, status, clock_kind, clock_at');
call open_door('oauth_clients', 'id, platform_id, tenant_id, secret_hash, scopes, revoked_at');
call open_door('idempotency_keys', 'owner_id, client_id, key, created_at');
