-- A tenant that is suspended or closed: its tokens are refused and its due work waits.

-- Counts up with each change of a row, so that Redis keeps the newest of two that arrive in the wrong order.
alter table revocations add column version bigint not null default 1;

grant create on schema public to dunwell_door;
create policy door_reads on revocations for select to dunwell_door using (true);
create policy door_marks on revocations for update to dunwell_door using (true) with check (true);
create policy door_forgets on revocations for delete to dunwell_door using (true);
grant select, delete on revocations to dunwell_door;
grant update (published_at) on revocations to dunwell_door;

-- Whether a token is refused: one of its subjects was revoked when the token had been made already.
create function door_revoked(wanted text[], jti text) returns boolean
  language sql stable security definer set search_path = public, pg_temp
  as $$ select exists (select 1 from revocations
    where subject = any(wanted) and revoked_before >= jti collate "C" and expires_at > now()) $$;

create function door_unpublished_revocations(most integer)
  returns table (subject text, version bigint, revoked_before text, expires_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select subject, version, revoked_before, expires_at from revocations where published_at is null
    order by subject limit most $$;

create function door_live_revocations(after text, most integer)
  returns table (subject text, version bigint, revoked_before text, expires_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select subject, version, revoked_before, expires_at from revocations
    where subject > after collate "C" and expires_at > now() order by subject limit most $$;

-- A row that was changed meanwhile stays unpublished.
create function door_mark_published(subjects text[], versions bigint[], at timestamptz) returns void
  language sql volatile security definer set search_path = public, pg_temp
  as $$ update revocations r set published_at = at from unnest(subjects, versions) as sent (subject, version)
    where r.subject = sent.subject and r.version = sent.version $$;

create function door_forget_revocations(before timestamptz) returns integer
  language sql volatile security definer set search_path = public, pg_temp
  as $$ with gone as (delete from revocations where expires_at < before returning 1) select count(*)::integer from gone $$;

do $$
declare
  door text;
begin
  foreach door in array array['door_revoked(text[], text)', 'door_unpublished_revocations(integer)',
      'door_live_revocations(text, integer)', 'door_mark_published(text[], bigint[], timestamptz)',
      'door_forget_revocations(timestamptz)'] loop
    execute format('alter function %s owner to dunwell_door', door);
    execute format('revoke all on function %s from public', door);
    execute format('grant execute on function %s to dunwell_app', door);
  end loop;
end $$;

-- The finders of 0010, without tenants that are not active; owner and grants stay.
create or replace function door_tenants_to_react(most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select s.tenant_id from event_streams s join tenants t on t.id = s.tenant_id and t.status = 'active'
    where s.reacted_sequence < s.last_sequence limit most $$;

create or replace function door_tenants_to_fan_out(most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select s.tenant_id from event_streams s join tenants t on t.id = s.tenant_id and t.status = 'active'
    where s.fanned_out_sequence < s.last_sequence limit most $$;

create or replace function door_tenants_turning_overdue(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from receivables where overdue_at <= at and overdue_at is not null and not test_clock
        and tenant_id not in (select id from tenants where status <> 'active') order by overdue_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and status = 'active' and exists (
      select 1 from receivables r where r.tenant_id = t.id and r.overdue_at is not null and r.overdue_at <= t.clock_at)
  $$;

create or replace function door_tenants_with_due_cases(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from cases where next_action_at <= at and next_action_at is not null and not test_clock
        and tenant_id not in (select id from tenants where status <> 'active') order by next_action_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and status = 'active' and exists (
      select 1 from cases c where c.tenant_id = t.id and c.next_action_at is not null and c.next_action_at <= t.clock_at)
  $$;

create or replace function door_tenants_with_due_notices(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from notices where next_attempt_at <= at and next_attempt_at is not null and not test_clock
        and tenant_id not in (select id from tenants where status <> 'active') order by next_attempt_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and status = 'active' and exists (
      select 1 from notices n where n.tenant_id = t.id and n.next_attempt_at is not null and n.next_attempt_at <= t.clock_at)
  $$;

create or replace function door_tenants_with_expired_sends(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select distinct tenant_id from (
    select tenant_id from notices where leased_until is not null and leased_until < at
      and tenant_id not in (select id from tenants where status <> 'active') order by leased_until limit most) expired $$;

create or replace function door_tenants_with_due_deliveries(at timestamptz, most integer) returns setof text
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
    select tenant_id from earliest where next_attempt_at <= at
      and tenant_id not in (select id from tenants where status <> 'active')
    group by tenant_id order by random() limit most
  $$;

create or replace function door_unfinished_operations(at timestamptz, most integer) returns table (tenant_id text, id text)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select o.tenant_id, o.id from operations o join tenants t on t.id = o.tenant_id and t.status = 'active'
    where o.state in ('pending', 'running') and (o.leased_until is null or o.leased_until < at)
    order by o.created_at limit most
  $$;
revoke create on schema public from dunwell_door;
