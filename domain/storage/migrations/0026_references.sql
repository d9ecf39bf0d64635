-- What a receivable is known by: the customer's order, the contract, who sold it.
alter table receivables
  add column order_reference text check (length(order_reference) between 1 and 200),
  add column contract_reference text check (length(contract_reference) between 1 and 200),
  add column salesperson text check (length(salesperson) between 1 and 200);
-- Rows without a reference, the ordinary case, are in neither and pay for neither.
create index receivables_of_order on receivables (tenant_id, order_reference, id) where order_reference is not null;
create index receivables_of_contract on receivables (tenant_id, contract_reference, id) where contract_reference is not null;
