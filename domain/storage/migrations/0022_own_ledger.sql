-- What the ledger has gained is limited to own customers as its other tables are.
do $$
declare
  limited text;
begin
  foreach limited in array array['credit_notes', 'write_offs', 'charges'] loop
    call limit_to_own_customers(limited, 'customer_id = any ((select own_customer_ids())::text[])');
  end loop;
end $$;
call limit_to_own_customers('refunds', 'sees_payment(payment_id)');
drop policy own_customers on allocations;
call limit_to_own_customers('allocations', '(payment_id is null or sees_payment(payment_id)) and sees_receivable(receivable_id)');
