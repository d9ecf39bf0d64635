-- A step of a reminder plan may post a charge; the occurrence names it as its result.
alter table occurrences drop constraint occurrences_action_check;
alter table occurrences add constraint occurrences_action_check check (action in ('email', 'task', 'escalation', 'charge'));
