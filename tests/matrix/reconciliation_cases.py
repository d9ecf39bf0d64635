"""Calls of the use cases of reconciliations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.kernel.paging import PageRequest
from domain.reconciliation.model import ItemFilter
from domain.reconciliation.reconciliations import create_reconciliation, list_reconciliation_items
from domain.reconciliation.rules.matching import TheirItem
from tests.matrix.registry import Call, Victim, case, one, plain, secret_customer, secret_customer_id


async def _reconciliation(v: Victim) -> str:
    customer = await secret_customer(v)
    listed = [TheirItem(number="X-1", amount=Decimal(5))]
    made = await create_reconciliation(v.ctx, customer.id, as_of=date(2026, 3, 1), currency="CNY", items=listed)
    return made.id


async def _difference(v: Victim) -> str:
    items = await list_reconciliation_items(v.ctx, await _reconciliation(v), PageRequest(), ItemFilter())
    return items.items[0].id


@case("create_reconciliation")
async def _create_reconciliation(v: Victim) -> Call:
    body = {"as_of": "2026-03-01", "currency": "CNY", "items": [{"number": "X-1", "amount": "5.00"}]}
    return Call(path={"customer_id": await secret_customer_id(v)}, body=body)


plain("list_reconciliations")
one(_reconciliation, "reconciliation_id", "get_reconciliation", "list_reconciliation_items")
one(_difference, "item_id", "get_reconciliation_item")
one(_difference, "item_id", "update_reconciliation_item", body={"state": "resolved", "resolution": "agreed_theirs"})
