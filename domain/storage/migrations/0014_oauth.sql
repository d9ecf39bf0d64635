-- How a client authenticates itself, what it may ask for and where it may be sent back to; a rotated secret works on until
-- `previous_secret_until`.
alter table oauth_clients
  alter column secret_hash drop not null,
  add column type text not null default 'confidential' check (type in ('confidential', 'public')),
  add column auth_method text not null default 'client_secret_basic'
    check (auth_method in ('client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none')),
  add column redirect_uris text[] not null default '{}',
  add column grant_types text[] not null default '{client_credentials}',
  add column jwks jsonb,
  add column previous_secret_hash text,
  add column previous_secret_until timestamptz,
  add column version integer not null default 1,
  add check ((type = 'public') = (auth_method = 'none')),
  add check ((secret_hash is not null) = (auth_method in ('client_secret_basic', 'client_secret_post'))),
  add check ((jwks is not null) = (auth_method = 'private_key_jwt')),
  add check ((previous_secret_hash is null) = (previous_secret_until is null));
alter table oauth_clients
  alter column type drop default,
  alter column auth_method drop default,
  alter column redirect_uris drop default,
  alter column grant_types drop default,
  alter column version drop default;

-- A new key is published at once and signs from `active_at` on, when every verifier has had time to see it.
alter table signing_keys add column active_at timestamptz;
update signing_keys set active_at = created_at;
alter table signing_keys alter column active_at set not null;

-- What a user allowed a client to do for them; all refresh tokens of one grant are one family.
create table grants (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  client_id text collate "C" not null references oauth_clients (id),
  user_id text collate "C" not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references users
);
call guard_tenant_table('grants');
create index grants_by_expiry on grants (tenant_id, expires_at);
create index grants_of_user on grants (tenant_id, user_id);

create table authorization_codes (
  tenant_id text collate "C" not null references tenants (id),
  code_hash bytea not null,
  client_id text collate "C" not null references oauth_clients (id),
  user_id text collate "C" not null,
  redirect_uri text not null,
  scopes text[] not null,
  code_challenge text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  grant_id text collate "C",
  primary key (tenant_id, code_hash),
  foreign key (tenant_id, user_id) references users,
  foreign key (tenant_id, grant_id) references grants on delete cascade
);
call guard_tenant_table('authorization_codes');
create index authorization_codes_by_expiry on authorization_codes (tenant_id, expires_at);
create index authorization_codes_of_grant on authorization_codes (tenant_id, grant_id);

create table refresh_tokens (
  tenant_id text collate "C" not null references tenants (id),
  token_hash bytea not null,
  grant_id text collate "C" not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, grant_id) references grants on delete cascade
);
call guard_tenant_table('refresh_tokens');
create index refresh_tokens_of_grant on refresh_tokens (tenant_id, grant_id);

-- The ids of client assertions (RFC 7523) that were used, until they expire by themselves.
create table client_assertions (
  owner_id text collate "C" not null,
  client_id text collate "C" not null references oauth_clients (id),
  jti_hash bytea not null,
  expires_at timestamptz not null,
  primary key (owner_id, client_id, jti_hash)
);
alter table client_assertions enable row level security;
alter table client_assertions force row level security;
create policy own_assertions on client_assertions to dunwell_app
  using (owner_id in (current_tenant(), current_platform())) with check (owner_id in (current_tenant(), current_platform()));
grant select, insert, delete on client_assertions to dunwell_app;

-- The door of the token endpoint: now with all that authenticating a client takes, and whether its tenant is active.
grant create on schema public to dunwell_door;
grant select (type, auth_method, redirect_uris, grant_types, jwks, name, previous_secret_hash, previous_secret_until)
  on oauth_clients to dunwell_door;
drop function door_oauth_client(text);
create function door_oauth_client(wanted text)
  returns table (id text, platform_id text, tenant_id text, name text, type text, auth_method text, secret_hash text,
    previous_secret_hash text, previous_secret_until timestamptz, redirect_uris text[], grant_types text[], scopes text[],
    jwks jsonb, revoked_at timestamptz, tenant_status text)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select c.id, c.platform_id, c.tenant_id, c.name, c.type, c.auth_method, c.secret_hash, c.previous_secret_hash,
      c.previous_secret_until, c.redirect_uris, c.grant_types, c.scopes, c.jwks, c.revoked_at, t.status
    from oauth_clients c left join tenants t on t.id = c.tenant_id where c.id = wanted
  $$;
alter function door_oauth_client(text) owner to dunwell_door;
revoke all on function door_oauth_client(text) from public;
grant execute on function door_oauth_client(text) to dunwell_app;
revoke create on schema public from dunwell_door;
