-- A collector may be limited to own customers. PostgreSQL sees to it, so that no query can forget: a transaction that is bound
-- to such a user (app.customers_of) finds and writes only rows of customers whose owner that user is.
alter table customers add column owner_id text collate "C";
alter table customers add foreign key (tenant_id, owner_id) references users (tenant_id, id);
create index customers_of_owner on customers (tenant_id, owner_id, id) where owner_id is not null;

create function current_customers_of() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('app.customers_of', true), '') $$;

-- The customers of the limited user that the transaction is bound to; asked once for each statement.
create function own_customer_ids() returns text[] language plpgsql stable as $$
begin
  return array(select id from customers where tenant_id = current_tenant() and owner_id = current_customers_of());
end $$;
-- Whether the limited user sees the parent of a row. PL/pgSQL, so that the planner does not draw the parent's policies into each
-- statement: an unlimited transaction, which never comes to ask, would pay for them in planning and in starting to run.
create function sees_receivable(wanted text) returns boolean language plpgsql stable as $$
begin
  return exists (select 1 from receivables where tenant_id = current_tenant() and id = wanted);
end $$;
create function sees_payment(wanted text) returns boolean language plpgsql stable as $$
begin
  return exists (select 1 from payments where tenant_id = current_tenant() and id = wanted);
end $$;
create function sees_notice(wanted text) returns boolean language plpgsql stable as $$
begin
  return exists (select 1 from notices where tenant_id = current_tenant() and id = wanted);
end $$;
create function sees_case(wanted text) returns boolean language plpgsql stable as $$
begin
  return exists (select 1 from cases where tenant_id = current_tenant() and id = wanted);
end $$;

-- Restrictive: it narrows what tenant_only lets through. The question is a subquery without references, which PostgreSQL
-- asks once for each statement (InitPlan); an unlimited transaction never gets to `condition`.
create procedure limit_to_own_customers(limited regclass, condition text) language plpgsql as $$
begin
  execute format('create policy own_customers on %s as restrictive to dunwell_app
    using ((select current_customers_of()) is null or (%s)) with check ((select current_customers_of()) is null or (%s))',
    limited, condition, condition);
end $$;

call limit_to_own_customers('customers', 'owner_id = (select current_customers_of())');
do $$
declare
  limited text;
begin
  foreach limited in array array['contacts', 'receivables', 'payments', 'notices', 'activities', 'tasks', 'escalations', 'cases'] loop
    call limit_to_own_customers(limited, 'customer_id = any ((select own_customer_ids())::text[])');
  end loop;
end $$;
call limit_to_own_customers('entries', 'sees_receivable(receivable_id)');
call limit_to_own_customers('allocations', 'sees_payment(payment_id) and sees_receivable(receivable_id)');
call limit_to_own_customers('deliveries', 'sees_notice(notice_id)');
call limit_to_own_customers('occurrences', 'sees_case(case_id)');

-- What shows every customer at once is closed to a limited transaction; what its own writes emit goes in all the same.
do $$
declare
  closed text;
begin
  foreach closed in array array['events', 'webhook_endpoints', 'webhook_deliveries', 'webhook_attempts', 'operations', 'operation_errors', 'operation_chunks'] loop
    execute format('create policy own_customers on %s as restrictive to dunwell_app
      using ((select current_customers_of()) is null) with check (%s)',
      closed, case closed when 'events' then 'true' else '(select current_customers_of()) is null' end);
  end loop;
end $$;

-- Everybody who has an audit log, for the operator's check of all of them.
call open_door('audit_heads', 'owner_id');
call open_door('audit_entries', 'owner_id');
grant create on schema public to dunwell_door;
create function door_audited_owners() returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select owner_id from audit_heads union select owner_id from audit_entries $$;
alter function door_audited_owners() owner to dunwell_door;
revoke all on function door_audited_owners() from public;
grant execute on function door_audited_owners() to dunwell_app;
revoke create on schema public from dunwell_door;
