-- Finds the steps that wait for a channel account when one is made.
create index occurrences_without_account on occurrences (tenant_id, case_id)
  where outcome = 'held' and reasons ?| array['channel_not_configured', 'no_channel_account'];
