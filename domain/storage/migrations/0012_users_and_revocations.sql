-- People who work for a tenant. Their addresses are sealed; `email_hash` finds them (HMAC under the tenant's search key, lower case).
create table users (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  name text not null check (length(name) between 1 and 200),
  sealed_email bytea not null,
  email_hash bytea not null,
  role text not null check (role in ('admin', 'finance_manager', 'collector', 'viewer', 'auditor')),
  own_customers_only boolean not null,
  status text not null check (status in ('invited', 'active', 'disabled')),
  locale text check (locale in ('en', 'zh-CN')),
  password_hash text,
  sealed_totp_secret bytea,
  totp_confirmed_at timestamptz,
  totp_last_counter bigint,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, email_hash),
  check (role = 'collector' or not own_customers_only),
  check (totp_confirmed_at is null or sealed_totp_secret is not null)
);
call guard_tenant_table('users');
revoke delete on users from dunwell_app;

-- What a token may name (tok_, gnt_, cli_, usr_, tnt_ ids) and is not good for any more: tokens whose id sorts before
-- `revoked_before` are refused. A row is of no use once every token that it could refuse has expired.
create table revocations (
  owner_id text collate "C" not null,
  subject text collate "C" not null,
  revoked_before text collate "C" not null,
  expires_at timestamptz not null,
  published_at timestamptz,
  primary key (subject)
);
create index revocations_unpublished on revocations (subject) where published_at is null;
create index revocations_by_expiry on revocations (expires_at);
alter table revocations enable row level security;
alter table revocations force row level security;
create policy own_revocations on revocations to dunwell_app
  using (owner_id in (current_tenant(), current_platform())) with check (owner_id in (current_tenant(), current_platform()));
grant select, insert, update on revocations to dunwell_app;
