-- How good a debtor a customer is, A (best) to E; null where nobody has said.
alter table customers add column grade text check (grade in ('A', 'B', 'C', 'D', 'E'));
