-- Addresses of people are sealed with the tenant's keys; `email_hash` finds a mailbox again (HMAC under the tenant's search key,
-- lower case). An event's data holds masks, what was masked is sealed beside it.
alter table contacts add sealed_email bytea, add email_hash bytea, add sealed_phone bytea;
alter table notices add sealed_recipient bytea;
alter table events add sealed_pii bytea;
alter table operation_chunks add sealed_content bytea;
alter table webhook_endpoints add include_pii boolean not null default false;

-- Not even the owner of a guarded table sees its rows, unless the guard is not forced while they are sealed.
alter table tenants no force row level security;
alter table data_keys no force row level security;
alter table contacts no force row level security;
alter table notices no force row level security;
alter table deliveries no force row level security;
alter table events no force row level security;
alter table operation_chunks no force row level security;
alter table operation_errors no force row level security;
alter table tasks no force row level security;
alter table webhook_attempts no force row level security;
-- STEP
alter table tenants force row level security;
alter table data_keys force row level security;
alter table contacts force row level security;
alter table notices force row level security;
alter table deliveries force row level security;
alter table events force row level security;
alter table operation_chunks force row level security;
alter table operation_errors force row level security;
alter table tasks force row level security;
alter table webhook_attempts force row level security;

alter table contacts drop email, drop phone;
alter table contacts add check ((sealed_email is null) = (email_hash is null));
alter table notices drop recipient, alter sealed_recipient set not null;
alter table operation_chunks drop content, alter sealed_content set not null;
alter table webhook_endpoints alter include_pii drop default;
create index contacts_by_email on contacts (tenant_id, email_hash, id) where email_hash is not null;

-- Changing keys: seals anew, and nothing else of an event.
grant update (sealed_pii) on events to dunwell_app;
grant select, update (sealed_private_key) on signing_keys to dunwell_app;
grant create on schema public to dunwell_door;
create function door_tenants_after(after text, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id from tenants where id > after order by id limit most $$;
alter function door_tenants_after owner to dunwell_door;
revoke create on schema public from dunwell_door;
revoke all on function door_tenants_after from public;
grant execute on function door_tenants_after to dunwell_app;
