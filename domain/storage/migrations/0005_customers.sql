create table customers (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  external_id text collate "C",
  name text not null check (length(name) between 1 and 300),
  locale text,
  time_zone text,
  metadata jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id)
);
create table contacts (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  customer_id text collate "C" not null,
  name text not null check (length(name) between 1 and 300),
  role text not null check (role in ('billing', 'escalation', 'other')),
  email text,
  phone text,
  locale text,
  opted_out_channels text[] not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index contacts_of_customer on contacts (tenant_id, customer_id, id);
call guard_tenant_table('customers');
call guard_tenant_table('contacts');
