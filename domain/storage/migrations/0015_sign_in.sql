-- Links by which users set their first or a new password; only hashes are kept, and one link per user.
create table user_invitations (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  token_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index user_invitations_by_token on user_invitations (tenant_id, token_hash);
call guard_tenant_table('user_invitations');

-- Authorization requests whose user is signing in. They belong to the platform of the client, since an app may be for all of
-- its tenants; `tenant_id` is known from the start for a tenant's own client, else once the user has said it.
create table sign_ins (
  platform_id text collate "C" not null references platforms (id),
  id text collate "C" not null,
  secret_hash bytea not null,
  client_id text collate "C" not null,
  client_name text not null,
  tenant_id text collate "C",
  asks_organisation boolean not null,
  redirect_uri text not null,
  scopes text[] not null,
  state text,
  code_challenge text not null,
  stage text not null check (stage in ('identify', 'second_factor', 'consent')),
  user_id text collate "C",
  provider_attempt text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (platform_id, id),
  check (stage = 'identify' or (user_id is not null and tenant_id is not null))
);
create index sign_ins_by_secret on sign_ins (platform_id, secret_hash);
create index sign_ins_by_expiry on sign_ins (platform_id, expires_at);
alter table sign_ins enable row level security;
alter table sign_ins force row level security;
create policy own_sign_ins on sign_ins to dunwell_app
  using (platform_id = current_platform()) with check (platform_id = current_platform());
grant select, insert, update, delete on sign_ins to dunwell_app;

-- Attempts to prove who one is. `subject_hash` is a keyed hash of whom they were for, whether or not there is such a user.
create table attempts (
  owner_id text collate "C" not null,
  subject_hash bytea not null,
  count integer not null,
  last_at timestamptz not null,
  locked_until timestamptz,
  primary key (owner_id, subject_hash)
);
create index attempts_by_age on attempts (owner_id, last_at);
alter table attempts enable row level security;
alter table attempts force row level security;
create policy own_attempts on attempts to dunwell_app
  using (owner_id in (current_tenant(), current_platform())) with check (owner_id in (current_tenant(), current_platform()));
grant select, insert, update, delete on attempts to dunwell_app;

-- The tenant's own OpenID provider, at which its users may, or must, sign in; and who they are there.
create table identity_providers (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  issuer text not null,
  client_id text not null,
  sealed_client_secret bytea not null,
  label text not null check (length(label) between 1 and 60),
  enabled boolean not null,
  passwords_refused boolean not null,
  version integer not null,
  updated_at timestamptz not null,
  primary key (tenant_id)
);
call guard_tenant_table('identity_providers');
create table user_identities (
  tenant_id text collate "C" not null,
  issuer text not null,
  subject text not null,
  user_id text collate "C" not null,
  created_at timestamptz not null,
  primary key (tenant_id, issuer, subject),
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);
call guard_tenant_table('user_identities');
