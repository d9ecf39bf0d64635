-- Channels have open names, contacts an address for each, and a tenant sends through accounts of its own at the providers.
alter table contacts add column sealed_addresses bytea;

-- What finds a contact again by a phone number or another address: HMACs under the tenant's search key.
create table contact_addresses (
  tenant_id text collate "C" not null,
  contact_id text collate "C" not null,
  customer_id text collate "C" not null,
  channel text collate "C" not null,
  address_hash bytea not null,
  primary key (tenant_id, contact_id, channel),
  foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete cascade
);
create index contact_addresses_by_hash on contact_addresses (tenant_id, address_hash);

alter table templates drop constraint templates_channel_check;
alter table templates add constraint templates_channel_check check (channel ~ '^[a-z][a-z0-9_]{0,29}$');
alter table notices drop constraint notices_channel_check;
alter table notices add constraint notices_channel_check check (channel ~ '^[a-z][a-z0-9_]{0,29}$');

create table channel_accounts (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  channel text collate "C" not null check (channel ~ '^[a-z][a-z0-9_]{0,29}$'),
  provider text collate "C" not null,
  name text not null check (length(name) between 1 and 200),
  state text not null check (state in ('active', 'disabled')),
  settings jsonb not null,
  sealed_credentials bytea not null,
  sealed_callback_secret bytea not null,
  messages_per_minute integer check (messages_per_minute > 0),
  paced_until timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index channel_accounts_active on channel_accounts (tenant_id, channel) where state = 'active';
-- A provider that calls back names the account and nothing else.
create index channel_accounts_by_id on channel_accounts (id);

alter table notices add column variables jsonb not null default '{}';
alter table notices add column provider_message_id text;
alter table notices add column channel_account_id text collate "C";
alter table notices add foreign key (tenant_id, channel_account_id) references channel_accounts (tenant_id, id);
create index notices_of_provider on notices (tenant_id, provider_message_id) where provider_message_id is not null;

alter table operations drop constraint operations_kind_check;
alter table operations add constraint operations_kind_check
  check (kind in ('import', 'clock_advance', 'bank_statement', 'bank_acceptance', 'channel_test'));
create index operations_of_tests on operations (tenant_id, created_at) where kind = 'channel_test';

alter table contacts no force row level security;
alter table data_keys no force row level security;
alter table tenants no force row level security;
-- STEP
alter table contacts force row level security;
alter table data_keys force row level security;
alter table tenants force row level security;

call guard_tenant_table('contact_addresses');
call limit_to_own_customers('contact_addresses', 'customer_id = any ((select own_customer_ids())::text[])');
call guard_tenant_table('channel_accounts');
revoke delete on channel_accounts from dunwell_app;
call open_door('channel_accounts', 'tenant_id, id');

grant create on schema public to dunwell_door;
create function door_tenant_of_channel_account(wanted text) returns text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select tenant_id from channel_accounts where id = wanted $$;
alter function door_tenant_of_channel_account(text) owner to dunwell_door;
revoke all on function door_tenant_of_channel_account(text) from public;
grant execute on function door_tenant_of_channel_account(text) to dunwell_app;
revoke create on schema public from dunwell_door;
