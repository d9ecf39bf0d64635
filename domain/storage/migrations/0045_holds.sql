-- Holds: a receivable, or all a customer owes, is not reminded of for a while.
create table holds (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  customer_id text collate "C" not null,
  receivable_id text collate "C",
  reason text not null check (reason in
    ('negotiation', 'complaint', 'bankruptcy', 'commercial_negotiation', 'legal', 'other')),
  note text,
  until_on date,
  ends_at timestamptz,
  state text not null check (state in ('active', 'released', 'expired')),
  placed_by text not null,
  released_by text,
  ended_at timestamptz,
  test_clock boolean not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  check ((until_on is null) = (ends_at is null)),
  check ((state = 'active') = (ended_at is null)),
  check ((state = 'released') = (released_by is not null))
);
create index holds_of_customer on holds (tenant_id, customer_id, id);
create index holds_of_receivable on holds (tenant_id, receivable_id, id) where receivable_id is not null;
create index holds_ending on holds (ends_at) where state = 'active' and ends_at is not null and not test_clock;
create index holds_ending_of_tenant on holds (tenant_id, ends_at) where state = 'active' and ends_at is not null;
call guard_tenant_table('holds');
revoke delete on holds from dunwell_app;
call limit_to_own_customers('holds', 'customer_id = any ((select own_customer_ids())::text[])');
-- Until when its own holds keep a receivable, or a customer's keep all it owes, from being reminded of; 2201 means without end. Kept where
-- the engine reads and the sender locks anyway, so that asking costs nothing and no lock can be forgotten.
alter table receivables add column held_until timestamptz;
alter table customers add column held_until timestamptz;

call open_door('holds', 'tenant_id, ends_at, state, test_clock');
grant create on schema public to dunwell_door;
create function door_tenants_with_ending_holds(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from holds where ends_at <= at and state = 'active' and ends_at is not null and not test_clock
        and tenant_id not in (select id from tenants where status <> 'active') order by ends_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and status = 'active' and exists (
      select 1 from holds h where h.tenant_id = t.id and h.state = 'active' and h.ends_at is not null and h.ends_at <= t.clock_at)
  $$;
alter function door_tenants_with_ending_holds(timestamptz, integer) owner to dunwell_door;
revoke all on function door_tenants_with_ending_holds(timestamptz, integer) from public;
grant execute on function door_tenants_with_ending_holds(timestamptz, integer) to dunwell_app;
revoke create on schema public from dunwell_door;
