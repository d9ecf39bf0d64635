-- What one unit of a currency was worth in another on a day, and who says so; reports in the tenant's base currency read it.
create table exchange_rates (
  tenant_id text collate "C" not null,
  valid_on date not null,
  from_currency text collate "C" not null check (from_currency ~ '^[A-Z]{3}$'),
  to_currency text collate "C" not null check (to_currency ~ '^[A-Z]{3}$'),
  source text collate "C" not null check (length(source) between 1 and 100),
  rate numeric not null check (rate > 0 and rate < 1e9 and scale(rate) <= 12),
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- The day leads: a report reads the few days before its own, of all currencies.
  primary key (tenant_id, valid_on, from_currency, to_currency, source),
  check (from_currency <> to_currency)
);
call guard_tenant_table('exchange_rates');
revoke delete on exchange_rates from dunwell_app;
-- Whose rate is taken where several tell one for the same day, and how old a rate may be.
alter table ledger_policies
  add column rate_sources text[] not null default '{}' check (cardinality(rate_sources) <= 20),
  add column rate_max_age_days integer not null default 10 check (rate_max_age_days between 0 and 366);
alter table ledger_policies alter column rate_sources drop default, alter column rate_max_age_days drop default;
