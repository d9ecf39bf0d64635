-- What holds for a whole version of a plan; a version without options does what plans did before.
alter table plan_versions add column options jsonb not null default '{}';
-- Steps may also write through any channel, alert the tenant's own people, only tell an event, or wait for an approval.
alter table occurrences drop constraint occurrences_action_check;
alter table occurrences add constraint occurrences_action_check check
  (action in ('email', 'notice', 'alert', 'task', 'escalation', 'charge', 'webhook', 'approval'));
-- Which of the step's branches was taken, counted from 0; none where no branch held.
alter table occurrences add column branch integer check (branch >= 0);
