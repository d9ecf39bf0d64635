-- Cases on their way are moved to another version of their plan as long work.
alter table operations drop constraint operations_kind_check;
alter table operations add constraint operations_kind_check
  check (kind in ('import', 'clock_advance', 'bank_statement', 'bank_acceptance', 'channel_test', 'case_migration'));
