-- Payment terms that a due date follows from, and the discount that was taken for paying early.
alter table receivables
  add column payment_terms jsonb,
  add column discount_taken_amount numeric not null default 0 check (discount_taken_amount >= 0),
  add check (discount_taken_amount = 0 or payment_terms is not null),
  drop constraint receivables_sum_check,
  add constraint receivables_sum_check check
    (open_amount >= 0 and open_amount + written_off_amount + discount_taken_amount <= amount + charged_amount);
alter table entries
  drop constraint entries_kind_check,
  add constraint entries_kind_check check (kind in ('invoiced', 'correction', 'charge', 'charge_waiver', 'allocation',
    'allocation_reversal', 'discount', 'discount_reversal', 'credit', 'credit_reversal', 'write_off', 'write_off_reversal',
    'cancellation')),
  add constraint entries_discount_check check
    (kind not in ('discount', 'discount_reversal') or (component = 'principal' and allocation_id is not null));
