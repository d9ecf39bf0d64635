-- Names of channels are open; a text may be for one tone, or for any (null).
alter table templates drop constraint if exists templates_channel_check;
alter table templates add constraint templates_channel_check check (channel ~ '^[a-z][a-z0-9_]{0,29}$');
alter table notices drop constraint if exists notices_channel_check;
alter table notices add constraint notices_channel_check check (channel ~ '^[a-z][a-z0-9_]{0,29}$');
alter table templates add column tone text check (tone in ('friendly', 'neutral', 'formal', 'firm', 'final'));
alter table templates drop constraint templates_tenant_id_key_channel_locale_key;
alter table templates add constraint templates_of_key unique nulls not distinct (tenant_id, key, channel, locale, tone);

-- What a template said and says: its number is the template's version that it made.
create table template_versions (
  tenant_id text collate "C" not null,
  template_id text collate "C" not null,
  number integer not null check (number > 0),
  subject text not null,
  body text not null,
  created_by text,
  created_at timestamptz not null,
  primary key (tenant_id, template_id, number),
  foreign key (tenant_id, template_id) references templates (tenant_id, id)
);
insert into template_versions (tenant_id, template_id, number, subject, body, created_at)
  select tenant_id, id, version, subject, body, updated_at from templates;
call guard_tenant_table('template_versions');
revoke update, delete on template_versions from dunwell_app;

-- From which text a notice was made: an own template with its version, or `shipped:<key>@<locale>`, and the hash of its source.
-- Notices of before do not say.
alter table notices add column tone text check (tone in ('friendly', 'neutral', 'formal', 'firm', 'final'));
alter table notices add column template_id text;
alter table notices add column template_version integer;
alter table notices add column template_sha256 text;
-- By when the customer is asked to pay, where the step gave a new day.
alter table notices add column new_due_on date;
