-- How a tenant's files are read, kept under a name: an import that names a profile starts from its mapping.
create table import_profiles (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null check (length(name) between 1 and 100),
  kind text not null check (kind in ('receivables', 'customers', 'contacts', 'payments', 'credit_notes')),
  mapping jsonb not null check (jsonb_typeof(mapping) = 'object'),
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call guard_tenant_table('import_profiles');
