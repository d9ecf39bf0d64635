"""The SQL of what stood open and unapplied at the end of a day: $1 is the tenant, $2 the day.

A day is reached from now by taking back what is dated later. Where nothing is, which is so for today unless somebody wrote into the
future, the columns are the answer, and only what is open or unapplied is read.
"""

from __future__ import annotations

ANYTHING_LATER = """
    select exists (select from entries where tenant_id = $1 and effective_on > $2)
      or exists (select from payments where tenant_id = $1 and reversed_on > $2)
      or exists (select from refunds where tenant_id = $1 and refunded_on > $2)
      or exists (select from credit_notes where tenant_id = $1 and cancelled_on > $2)
"""
_COLUMNS = "r.id, r.customer_id, r.number, r.currency, r.due_on, r.contract_reference"
_SETTLING = "('allocation', 'allocation_reversal', 'credit', 'credit_reversal')"

OPEN_NOW = f"""
    select {_COLUMNS}, r.open_amount from receivables r where r.tenant_id = $1 and r.open_amount > 0
"""
UNAPPLIED_NOW = """
    select customer_id, currency, unapplied_amount as amount from payments
      where tenant_id = $1 and unapplied_amount > 0 and received_on <= $2
    union all
    select customer_id, currency, unapplied_amount from credit_notes
      where tenant_id = $1 and unapplied_amount > 0 and issued_on <= $2
"""

# What backdating brought below zero is not open; it was settled ahead, and counts as unapplied until there is something to settle.
# The same goes for what was received before the receivable was issued. What was not settled but given up is in neither.
THEN = f"""
    later as materialized (
      select receivable_id, sum(amount) as moved, bool_or(kind = 'invoiced') as is_unissued
      from entries where tenant_id = $1 and effective_on > $2 group by receivable_id
    ), standing as materialized (
      select {_COLUMNS}, r.open_amount - coalesce(l.moved, 0) as balance, coalesce(l.is_unissued, false) as is_unissued
      from receivables r left join later l on l.receivable_id = r.id
      where r.tenant_id = $1 and (r.open_amount > 0 or l.receivable_id is not null)
    ), ahead as materialized (
      select s.customer_id, s.currency,
        case when s.is_unissued then settled.amount else least(settled.amount, -s.balance) end as amount
      from standing s cross join lateral (
        select coalesce(-sum(amount), 0) as amount from entries e
        where e.tenant_id = $1 and e.receivable_id = s.id and e.effective_on <= $2 and e.kind in {_SETTLING}) settled
      where s.balance < 0 or s.is_unissued
    ), settled_later as materialized (
      select coalesce(a.payment_id, a.credit_note_id) as settlement_id, -sum(e.amount) as amount
      from entries e join allocations a on a.tenant_id = e.tenant_id and a.id = e.allocation_id
      where e.tenant_id = $1 and e.effective_on > $2 and e.kind in {_SETTLING} group by 1
    ), refunded_later as materialized (
      select payment_id, sum(amount) as amount from refunds where tenant_id = $1 and refunded_on > $2 group by 1
    ), settlements as (
      select id, customer_id, currency, amount, unapplied_amount, received_on as from_on, reversed_on as until_on
        from payments where tenant_id = $1
      union all
      select id, customer_id, currency, amount, unapplied_amount, issued_on, cancelled_on from credit_notes where tenant_id = $1
    )
"""
OPEN_THEN = (
    "select id, customer_id, number, currency, due_on, contract_reference, balance as open_amount"
    " from standing where balance > 0 and not is_unissued"
)
UNAPPLIED_THEN = """
    select customer_id, currency, amount from ahead where amount > 0
    union all
    select customer_id, currency, amount from (
      select p.customer_id, p.currency, p.unapplied_amount + coalesce(s.amount, 0) + coalesce(f.amount, 0)
        - case when p.from_on > $2 then p.amount else 0 end + case when p.until_on > $2 then p.amount else 0 end as amount
      from settlements p left join settled_later s on s.settlement_id = p.id left join refunded_later f on f.payment_id = p.id
    ) then_unapplied where amount > 0
"""
BALANCE = """
    select r.currency, r.open_amount - r.open_interest - r.open_fee - r.open_cost as principal, r.open_interest as interest,
      r.open_fee as fee, r.open_cost as cost, later.*
    from receivables r cross join lateral (
      select coalesce(bool_or(kind = 'invoiced'), false) as is_unissued,
        coalesce(sum(amount) filter (where component = 'principal'), 0) as later_principal,
        coalesce(sum(amount) filter (where component = 'interest'), 0) as later_interest,
        coalesce(sum(amount) filter (where component = 'fee'), 0) as later_fee,
        coalesce(sum(amount) filter (where component = 'cost'), 0) as later_cost
      from entries e where e.tenant_id = $1 and e.receivable_id = r.id and e.effective_on > $2) later
    where r.tenant_id = $1 and r.id = $3
"""
