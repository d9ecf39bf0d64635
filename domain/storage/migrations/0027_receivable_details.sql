-- What a receivable is for, which documents show it, and on which days its money is planned to come.
create table receivable_lines (
  tenant_id text collate "C" not null,
  receivable_id text collate "C" not null,
  position integer not null check (position between 1 and 500),
  product text check (length(product) between 1 and 200),
  description text not null check (length(description) between 1 and 500),
  quantity numeric not null check (quantity > 0),
  unit text check (length(unit) between 1 and 40),
  unit_price numeric,
  amount numeric not null,
  tax_rate numeric check (tax_rate >= 0 and tax_rate <= 1),
  tax_amount numeric,
  primary key (tenant_id, receivable_id, position),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id)
);
create table receivable_documents (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  receivable_id text collate "C" not null,
  kind text not null check (kind in ('invoice', 'contract', 'delivery_note', 'proof_of_delivery', 'statement', 'other')),
  title text not null check (length(title) between 1 and 200),
  url text not null check (url like 'https://%' and length(url) <= 2000),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  media_type text check (length(media_type) between 3 and 100),
  size_bytes integer check (size_bytes >= 0),
  linked_by text not null,
  created_at timestamptz not null,
  removed_at timestamptz,
  removed_by text,
  primary key (tenant_id, id),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  check ((removed_at is null) = (removed_by is null))
);
create index receivable_documents_of_receivable on receivable_documents (tenant_id, receivable_id, id);
-- due_at is the instant at which the planned day has passed; it is cleared once that was looked at.
create table planned_collections (
  tenant_id text collate "C" not null,
  receivable_id text collate "C" not null,
  planned_on date not null,
  amount numeric not null check (amount > 0),
  note text check (length(note) between 1 and 200),
  due_at timestamptz,
  missed_at timestamptz,
  test_clock boolean not null,
  primary key (tenant_id, receivable_id, planned_on),
  foreign key (tenant_id, receivable_id) references receivables (tenant_id, id),
  check (due_at is null or missed_at is null)
);
create index planned_collections_due on planned_collections (due_at) where due_at is not null and not test_clock;
create index planned_collections_due_of_tenant on planned_collections (tenant_id, due_at) where due_at is not null;
do $$
declare
  detail text;
begin
  foreach detail in array array['receivable_lines', 'receivable_documents', 'planned_collections'] loop
    call guard_tenant_table(detail);
    call limit_to_own_customers(detail, 'sees_receivable(receivable_id)');
  end loop;
end $$;
-- A link is evidence: it is never changed, and removing it says when and by whom.
revoke update, delete on receivable_documents from dunwell_app;
grant update (removed_at, removed_by) on receivable_documents to dunwell_app;

call open_door('planned_collections', 'tenant_id, due_at, test_clock');
grant create on schema public to dunwell_door;
create function door_tenants_with_planned_dates(at timestamptz, most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select distinct tenant_id from (
      select tenant_id from planned_collections where due_at <= at and due_at is not null and not test_clock
        and tenant_id not in (select id from tenants where status <> 'active') order by due_at limit most) due
    union all
    select id from tenants t where clock_kind = 'test' and status = 'active' and exists (
      select 1 from planned_collections p where p.tenant_id = t.id and p.due_at is not null and p.due_at <= t.clock_at)
  $$;
alter function door_tenants_with_planned_dates(timestamptz, integer) owner to dunwell_door;
revoke all on function door_tenants_with_planned_dates(timestamptz, integer) from public;
grant execute on function door_tenants_with_planned_dates(timestamptz, integer) to dunwell_app;
revoke create on schema public from dunwell_door;
