-- When, how often and through what customers may be contacted: one policy of a tenant, asked before a notice is queued and again before it leaves.
create table contact_policies (
  tenant_id text collate "C" not null references tenants (id),
  rules jsonb not null,
  version integer not null,
  updated_at timestamptz not null,
  primary key (tenant_id)
);
call guard_tenant_table('contact_policies');
revoke delete on contact_policies from dunwell_app;
-- Where a customer's holidays are those of, and on whose clock a contact's hours run; null: the tenant's, the customer's.
alter table customers add column country text check (country ~ '^[A-Z]{2}$');
alter table contacts add column time_zone text;
alter table contacts drop constraint contacts_role_check;
alter table contacts add constraint contacts_role_check check (role in ('billing', 'escalation', 'other', 'third_party'));
-- What the policy answered when the notice was queued; null where the tenant has none.
alter table notices add column contact_policy jsonb;
-- Until when a step that is due waits; null while nothing waits, or nobody knows until when.
alter table cases add column deferred_until timestamptz;
-- The step that the contact policy makes wait: it is carried out when its time comes, whatever has fallen due since.
alter table cases add column deferred_step text;
