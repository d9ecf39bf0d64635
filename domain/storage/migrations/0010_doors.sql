-- The narrow doors: what the sign-in and the workers may see across tenants, each a function that answers one question.
-- The finders return tenants, never business rows; the work itself is done in a transaction bound to the tenant.
-- Rows of tenants on a test clock are compared with that clock, all others with the given instant.
grant create on schema public to dunwell_door;

create function door_oauth_client(wanted text)
  returns table (id text, platform_id text, tenant_id text, secret_hash text, scopes text[], revoked_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, platform_id, tenant_id, secret_hash, scopes, revoked_at from oauth_clients where id = wanted $$;

create function door_tenants_to_react(most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select tenant_id from event_streams where reacted_sequence < last_sequence limit most $$;

create function door_tenants_to_fan_out(most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select tenant_id from event_streams where fanned_out_sequence < last_sequence limit most $$;

create function door_tenants_turning_overdue(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from receivables where overdue_at <= at and overdue_at is not null and not test_clock order by overdue_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and exists (
      select 1 from receivables r where r.tenant_id = t.id and r.overdue_at is not null and r.overdue_at <= t.clock_at)
  $$;

create function door_tenants_with_due_cases(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from cases where next_action_at <= at and next_action_at is not null and not test_clock order by next_action_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and exists (
      select 1 from cases c where c.tenant_id = t.id and c.next_action_at is not null and c.next_action_at <= t.clock_at)
  $$;

create function door_tenants_with_due_notices(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from notices where next_attempt_at <= at and next_attempt_at is not null and not test_clock order by next_attempt_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and exists (
      select 1 from notices n where n.tenant_id = t.id and n.next_attempt_at is not null and n.next_attempt_at <= t.clock_at)
  $$;

create function door_tenants_with_expired_sends(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select distinct tenant_id from (
    select tenant_id from notices where leased_until is not null and leased_until < at order by leased_until limit most) expired $$;

create function door_tenants_with_due_deliveries(at timestamptz, most integer) returns setof text
  language sql security definer set search_path = public, pg_temp
  as $$
    -- Walks from endpoint to endpoint along the index, one probe each: the backlog of one that is down must not hide the others.
    with recursive earliest as (
      (select tenant_id, endpoint_id, next_attempt_at from webhook_deliveries where next_attempt_at is not null
       order by tenant_id, endpoint_id, next_attempt_at limit 1)
      union all
      select following.* from earliest e cross join lateral (
        select d.tenant_id, d.endpoint_id, d.next_attempt_at from webhook_deliveries d
        where d.next_attempt_at is not null and (d.tenant_id, d.endpoint_id) > (e.tenant_id, e.endpoint_id)
        order by d.tenant_id, d.endpoint_id, d.next_attempt_at limit 1) following
    )
    select tenant_id from earliest where next_attempt_at <= at group by tenant_id order by random() limit most
  $$;

create function door_unfinished_operations(at timestamptz, most integer) returns table (tenant_id text, id text)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select tenant_id, id from operations
    where state in ('pending', 'running') and (leased_until is null or leased_until < at) order by created_at limit most
  $$;

create policy door_forgets on idempotency_keys for delete to dunwell_door using (true);
grant delete on idempotency_keys to dunwell_door;
create function door_forget_answers(before timestamptz) returns integer
  language sql volatile security definer set search_path = public, pg_temp
  as $$ with gone as (delete from idempotency_keys where created_at < before returning 1) select count(*)::integer from gone $$;

do $$
declare
  door regprocedure;
begin
  for door in select oid::regprocedure from pg_proc where proname like 'door\_%' and pronamespace = 'public'::regnamespace loop
    execute format('alter function %s owner to dunwell_door', door);
    execute format('revoke all on function %s from public', door);
    execute format('grant execute on function %s to dunwell_app', door);
  end loop;
end $$;
revoke create on schema public from dunwell_door;
