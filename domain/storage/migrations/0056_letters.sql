-- Numbers of letters: taken with the row lock of the year's counter, in the transaction of the notice, so that a number which was
-- taken has its letter, whatever is rolled back or killed.
create table letter_counters (
  tenant_id text collate "C" not null references tenants (id),
  year integer not null check (year between 1970 and 2200),
  last_number integer not null check (last_number >= 0),
  primary key (tenant_id, year)
);
-- How the tenant's letters are numbered; without a row, as the program has it.
create table letter_settings (
  tenant_id text collate "C" not null primary key references tenants (id),
  number_format text not null,
  version integer not null,
  updated_at timestamptz not null
);
-- A notice as a document. `sealed_data` is what it says, settled with the notice; `sealed_pdf` its pages, made once when they are first
-- needed, and the same ever after.
create table letters (
  tenant_id text collate "C" not null,
  notice_id text collate "C" not null,
  year integer not null,
  serial integer not null check (serial > 0),
  number text not null,
  sealed_data bytea not null,
  sealed_pdf bytea,
  rendered_at timestamptz,
  primary key (tenant_id, notice_id),
  foreign key (tenant_id, notice_id) references notices (tenant_id, id),
  unique (tenant_id, year, serial),
  check ((sealed_pdf is null) = (rendered_at is null))
);
call guard_tenant_table('letter_counters');
call guard_tenant_table('letter_settings');
call guard_tenant_table('letters');
revoke delete on letter_counters, letter_settings, letters from dunwell_app;
call limit_to_own_customers('letters', 'sees_notice(notice_id)');
-- What a notice says of its letter; hash, pages and size are known once the pages are made.
alter table notices add column letter_number text;
alter table notices add column letter_sha256 text;
alter table notices add column letter_pages integer;
alter table notices add column letter_size integer;
-- Letters whose pages are still to be made, so that the senders, who leave them alone until then, can take them.
create index notices_awaiting_letter on notices (tenant_id, id)
  where letter_number is not null and letter_sha256 is null and next_attempt_at is not null;
grant select (letter_number, letter_sha256) on notices to dunwell_door;
grant create on schema public to dunwell_door;
create function door_tenants_awaiting_letters(most integer) returns setof text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select distinct tenant_id from notices
    where letter_number is not null and letter_sha256 is null and next_attempt_at is not null limit most $$;
alter function door_tenants_awaiting_letters(integer) owner to dunwell_door;
revoke all on function door_tenants_awaiting_letters(integer) from public;
grant execute on function door_tenants_awaiting_letters(integer) to dunwell_app;
revoke create on schema public from dunwell_door;
