-- A client or tenant can be revoked by its platform and by itself: whoever is second must not meet the first one's row as a wall.
grant create on schema public to dunwell_door;
create policy door_revokes on revocations for insert to dunwell_door with check (true);
grant insert, update on revocations to dunwell_door;

create function door_revoke(owner text, subjects text[], before text, until timestamptz) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp
as $$
begin
  if owner is distinct from current_tenant() and owner is distinct from current_platform() then
    raise insufficient_privilege using message = 'revocations are written for the owner that the transaction is bound to';
  end if;
  insert into revocations as r (owner_id, subject, revoked_before, expires_at)
    select owner, subject, before, until from unnest(subjects) as subject order by subject
    on conflict (subject) do update set revoked_before = greatest(r.revoked_before, excluded.revoked_before),
      expires_at = greatest(r.expires_at, excluded.expires_at), published_at = null, version = r.version + 1;
end $$;

create function door_unbar(owner text, wanted text, before text, until timestamptz) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp
as $$
begin
  if owner is distinct from current_tenant() and owner is distinct from current_platform() then
    raise insufficient_privilege using message = 'revocations are written for the owner that the transaction is bound to';
  end if;
  update revocations set revoked_before = before, expires_at = until, published_at = null, version = version + 1
    where subject = wanted;
end $$;

do $$
declare
  door text;
begin
  foreach door in array array['door_revoke(text, text[], text, timestamptz)', 'door_unbar(text, text, text, timestamptz)'] loop
    execute format('alter function %s owner to dunwell_door', door);
    execute format('revoke all on function %s from public', door);
    execute format('grant execute on function %s to dunwell_app', door);
  end loop;
end $$;
revoke create on schema public from dunwell_door;
revoke insert, update on revocations from dunwell_app;
