-- One row per tenant counts its events; the transaction that writes events takes it last, so numbers appear in commit order.
create table event_streams (
  tenant_id text collate "C" primary key references tenants (id),
  last_sequence bigint not null default 0,
  reacted_sequence bigint not null default 0,
  fanned_out_sequence bigint not null default 0
);
create index event_streams_to_react on event_streams (tenant_id) where reacted_sequence < last_sequence;
create index event_streams_to_fan_out on event_streams (tenant_id) where fanned_out_sequence < last_sequence;
create table events (
  tenant_id text collate "C" not null references tenants (id),
  sequence bigint not null,
  id text collate "C" not null,
  type text collate "C" not null,
  object_id text collate "C" not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  data jsonb not null,
  primary key (tenant_id, sequence),
  unique (tenant_id, id)
);
create index events_of_object on events (tenant_id, object_id, sequence);
create table webhook_endpoints (
  tenant_id text collate "C" not null references tenants (id),
  id text collate "C" not null,
  url text not null check (length(url) <= 2000),
  description text not null check (length(description) <= 500),
  event_types text[] not null,
  sealed_secret bytea not null,
  state text not null check (state in ('enabled', 'disabled')),
  disabled_reason text,
  since_sequence bigint not null,
  failing_since timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,  -- a deleted endpoint stays for the sake of its deliveries, without its secret
  primary key (tenant_id, id),
  check (deleted_at is null or state = 'disabled')
);
create table webhook_deliveries (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  endpoint_id text collate "C" not null,
  event_sequence bigint not null,
  event_id text collate "C" not null,
  event_type text collate "C" not null,
  state text not null check (state in ('pending', 'delivered', 'failed', 'cancelled')),
  attempt_count integer not null,
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, event_sequence, endpoint_id),
  check ((state = 'pending') = (next_attempt_at is not null)),
  foreign key (tenant_id, endpoint_id) references webhook_endpoints (tenant_id, id),
  foreign key (tenant_id, event_sequence) references events (tenant_id, sequence)
);
create index webhook_deliveries_of_endpoint on webhook_deliveries (tenant_id, endpoint_id, id);
create index webhook_deliveries_due on webhook_deliveries (tenant_id, endpoint_id, next_attempt_at, event_sequence)
  where next_attempt_at is not null;
create table webhook_attempts (
  tenant_id text collate "C" not null,
  delivery_id text collate "C" not null,
  number integer not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  response_status integer,
  error text,
  response_excerpt text not null,
  primary key (tenant_id, delivery_id, number),
  foreign key (tenant_id, delivery_id) references webhook_deliveries (tenant_id, id)
);
call guard_tenant_table('event_streams');
call guard_tenant_table('events');
call guard_tenant_table('webhook_endpoints');
call guard_tenant_table('webhook_deliveries');
call guard_tenant_table('webhook_attempts');
revoke update, delete on events from dunwell_app;
call open_door('event_streams', 'tenant_id, last_sequence, reacted_sequence, fanned_out_sequence');
call open_door('webhook_deliveries', 'tenant_id, endpoint_id, next_attempt_at');
