-- When and how an invoice reached the customer, whether the due date still waits for that, and which part of a group of receivables
-- this one is. All of it is null or false for ordinary receivables.
alter table receivables
  add column delivery jsonb,
  add column due_on_is_provisional boolean not null default false,
  add column part_group_id text collate "C",
  add column part_number integer,
  add column part_count integer,
  add check (not due_on_is_provisional or (payment_terms is not null and overdue_at is null)),
  add check ((part_group_id is null) = (part_number is null) and (part_group_id is null) = (part_count is null)),
  add check (part_number between 1 and part_count);
create unique index receivables_of_group on receivables (tenant_id, part_group_id, part_number) where part_group_id is not null;
