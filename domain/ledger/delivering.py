"""The use case that records a delivery: when and how an invoice, or what it is for, reached the customer."""

from __future__ import annotations

from domain.kernel.context import Context
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import store
from domain.ledger.model import Receivable
from domain.ledger.registering import save_changes
from domain.ledger.rules.agreeing import with_delivery
from domain.ledger.rules.delivery import Delivery, check_delivery
from domain.storage.transaction import transaction


@use_case("receivables:write")
async def record_delivery(
    ctx: Context, receivable_id: str, delivery: Delivery, *, expected_version: int | None = None
) -> Receivable:
    """Replaces what is known of a receivable's delivery; payment terms that are anchored on it move the due date.

    One that says nothing removes it. What was charged or discounted by an earlier due date stays. Raises InvalidInput for days
    that are before what they follow, Conflict (`receivable_cancelled`).
    """
    recorded = check_delivery(delivery)
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        expect(held.receivable.version, expected_version)
        return await save_changes(ctx, held, with_delivery(held.receivable, recorded))
