create table operations (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  kind text not null check (kind in ('import', 'clock_advance')),
  state text not null check (state in ('pending', 'running', 'succeeded', 'failed')),
  dry_run boolean not null,
  input jsonb not null,
  progress jsonb not null,
  position bigint not null,
  result jsonb not null,
  error jsonb,
  leased_until timestamptz,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index operations_unfinished on operations (created_at) where state in ('pending', 'running');
create table operation_errors (
  tenant_id text collate "C" not null,
  operation_id text collate "C" not null,
  number bigint not null,
  line integer not null,
  "column" text not null,
  code text not null,
  detail text not null,
  value text not null,
  primary key (tenant_id, operation_id, number),
  foreign key (tenant_id, operation_id) references operations (tenant_id, id) on delete cascade
);
create table operation_chunks (
  tenant_id text collate "C" not null,
  operation_id text collate "C" not null,
  number integer not null,
  content bytea not null,
  primary key (tenant_id, operation_id, number),
  foreign key (tenant_id, operation_id) references operations (tenant_id, id) on delete cascade
);
call guard_tenant_table('operations');
call guard_tenant_table('operation_errors');
call guard_tenant_table('operation_chunks');
call open_door('operations', 'tenant_id, id, state, leased_until, created_at');
