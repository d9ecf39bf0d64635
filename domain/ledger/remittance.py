"""From the receivables that a payer names to those that we know, refusing what a payment of this customer cannot settle."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.kernel.context import Context
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.ledger import store
from domain.ledger.model import AllocationWish, NamedItem
from domain.ledger.rules.allocation import Named

MOST_NAMES = 1000


async def named_receivables(
    ctx: Context, customer_id: str, currency: str, wishes: Sequence[AllocationWish]
) -> list[Named]:
    """The named receivables in the payer's order, found in one statement; raises InvalidInput pointing at each wrong wish."""
    if len(wishes) > MOST_NAMES:
        raise InvalidInput.at("/allocations", "too_many_allocations", f"At most {MOST_NAMES} receivables are named.")
    for n, wish in enumerate(wishes):
        if (wish.receivable_id is None) == (wish.receivable_external_id is None):
            raise InvalidInput.at(
                f"/allocations/{n}", "one_receivable_required", "Give receivable_id or receivable_external_id."
            )
    ids = [wish.receivable_id for wish in wishes if wish.receivable_id is not None]
    external_ids = [wish.receivable_external_id for wish in wishes if wish.receivable_external_id is not None]
    items = await store.named_items(ctx, ids, external_ids)
    by_id = {item.id: item for item in items}
    by_external_id = {item.external_id: item for item in items}
    return [
        _named(
            n,
            wish,
            by_id.get(wish.receivable_id or "") or by_external_id.get(wish.receivable_external_id),
            customer_id,
            currency,
        )
        for n, wish in enumerate(wishes)
    ]


def _named(n: int, wish: AllocationWish, item: NamedItem | None, customer_id: str, currency: str) -> Named:
    pointer = f"/allocations/{n}/{'receivable_id' if wish.receivable_id else 'receivable_external_id'}"
    if item is None:
        raise InvalidInput.at(pointer, "receivable_not_found", "There is no such receivable.")
    if item.customer_id != customer_id:
        raise InvalidInput.at(pointer, "receivable_of_another_customer", "The receivable is another customer's.")
    if item.currency != currency:
        raise InvalidInput.at(pointer, "currency_mismatch", f"The receivable is in {item.currency}.")
    return Named(item.id, _amount(n, wish.amount, currency))


def _amount(n: int, amount: str | None, currency: str) -> Decimal | None:
    if amount is None:
        return None
    try:
        return Money.parse(amount, currency).amount
    except InvalidInput as wrong:
        errors = tuple(FieldError(f"/allocations/{n}/amount", e.code, e.detail) for e in wrong.errors)
        raise InvalidInput(wrong.code, wrong.detail, errors) from wrong
