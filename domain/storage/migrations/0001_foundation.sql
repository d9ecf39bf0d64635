-- Roles, the binding of a transaction to its owner, and the guard that every tenant-owned table gets.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['dunwell_app', 'dunwell_door'] loop
    begin
      execute format('create role %I nologin nosuperuser nocreatedb nocreaterole nobypassrls', wanted);
    exception when duplicate_object or unique_violation then
      null;  -- roles belong to the whole server: another database's migration made it
    end;
    begin
      execute format('grant %I to current_user', wanted);
    exception when insufficient_privilege then
      null;  -- made and granted to us beforehand by somebody who may; if not, the first use of the role says so
    end;
  end loop;
end $$;

grant usage on schema public to dunwell_app, dunwell_door;

create function current_tenant() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('app.tenant', true), '') $$;
create function current_platform() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('app.platform', true), '') $$;

-- Guards a tenant-owned table: the application sees and writes only rows of the tenant its transaction is bound to.
create procedure guard_tenant_table(guarded regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', guarded);
  execute format('alter table %s force row level security', guarded);
  execute format('create policy tenant_only on %s to dunwell_app using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', guarded);
  execute format('grant select, insert, update, delete on %s to dunwell_app', guarded);
end $$;

-- Lets the finder functions of the workers see a few columns across tenants, and nothing else.
create procedure open_door(guarded regclass, columns text) language plpgsql as $$
begin
  execute format('create policy door on %s for select to dunwell_door using (true)', guarded);
  execute format('grant select (%s) on %s to dunwell_door', columns, guarded);
end $$;
