"""What a client may say of reconciliations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.aging import CurrencyCode
from api.inputs.fields import Amount, Id, MoneyIn, Name, validated
from domain.kernel.errors import InvalidInput
from domain.reconciliation.model import MOST_ITEMS, DifferenceState, ReconciliationState, Resolution
from domain.reconciliation.rules.following import LONGEST_NOTE
from domain.reconciliation.rules.listing import lines_of
from domain.reconciliation.rules.matching import ItemKind, TheirItem

Note = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NOTE)]


class ListedItemIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A line of the customer's list; a bare amount is in the list's currency."""

    number: Name
    amount: Amount | MoneyIn
    due_on: date | None = None
    issued_on: date | None = None
    reference: Name | None = None


class NewReconciliation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a customer lists as open at the end of a day, in one currency."""

    as_of: date
    currency: CurrencyCode
    items: Annotated[list[ListedItemIn], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)]


class ReconciliationItemPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed of a difference; a field left out stays as it is."""

    state: DifferenceState | UnsetType = UNSET
    owner_id: Id | UnsetType | None = UNSET
    resolution: Resolution | UnsetType = UNSET
    note: Note | UnsetType | None = UNSET


class ReconciliationQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of reconciliations that GraphQL's own types do not check."""

    state: ReconciliationState | None = None


class ReconciliationItemQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which items of a reconciliation."""

    kind: ItemKind | None = None
    state: DifferenceState | None = None
    owner_id: Id | None = None


def listed(data: NewReconciliation) -> dict[str, Any]:
    """The arguments of the use case; raises InvalidInput for an amount in another currency than the list's."""
    items = [_item(n, line, data.currency) for n, line in enumerate(data.items)]
    return {"as_of": data.as_of, "currency": data.currency, "items": items}


def listed_in_csv(content: bytes, charset: str | None, **told: str | None) -> dict[str, Any]:
    """The same out of a CSV; a line says what an item of the JSON would, and is refused as that would be."""
    given = {name: value for name, value in told.items() if value is not None}
    return listed(validated(NewReconciliation, {**given, "items": lines_of(content, charset)}))


def _item(n: int, line: ListedItemIn, currency: str) -> TheirItem:
    amount = line.amount
    if isinstance(amount, MoneyIn):
        if amount.currency != currency:
            detail = f"The list is in {currency}; another currency is another reconciliation."
            raise InvalidInput.at(f"/items/{n}/amount/currency", "currency_mismatch", detail)
        amount = amount.amount
    return TheirItem(
        number=line.number,
        amount=Decimal(amount),
        due_on=line.due_on,
        issued_on=line.issued_on,
        reference=line.reference,
    )
