-- Alerts to staff are notices without a contact. What an employee has yet to confirm is asked for until that has happened.
alter table notices alter column contact_id drop not null;
alter table notices add column audience text not null default 'customer' check (audience in ('customer', 'staff'));
alter table notices add constraint notices_to_customers_have_a_contact check (audience = 'staff' or contact_id is not null);

create table awaited_confirmations (
  tenant_id text collate "C" not null,
  notice_id text collate "C" not null,
  provider_message_id text not null,
  -- Real time, also of tenants on a test clock: an employee is waited for.
  since timestamptz not null,
  next_poll_at timestamptz,
  primary key (tenant_id, notice_id),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id)
);
create index awaited_confirmations_due on awaited_confirmations (next_poll_at) where next_poll_at is not null;
create index awaited_confirmations_due_of_tenant on awaited_confirmations (tenant_id, next_poll_at) where next_poll_at is not null;
call guard_tenant_table('awaited_confirmations');
revoke delete on awaited_confirmations from dunwell_app;
call limit_to_own_customers('awaited_confirmations', 'sees_notice(notice_id)');
call open_door('awaited_confirmations', 'tenant_id, next_poll_at');

grant create on schema public to dunwell_door;
create function door_tenants_with_confirmations(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select distinct tenant_id from (
    select tenant_id from awaited_confirmations where next_poll_at is not null and next_poll_at <= at
      and tenant_id not in (select id from tenants where status <> 'active') order by next_poll_at limit most) due $$;
alter function door_tenants_with_confirmations(timestamptz, integer) owner to dunwell_door;
revoke all on function door_tenants_with_confirmations(timestamptz, integer) from public;
grant execute on function door_tenants_with_confirmations(timestamptz, integer) to dunwell_app;
revoke create on schema public from dunwell_door;
