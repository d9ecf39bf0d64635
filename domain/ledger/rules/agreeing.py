"""PURE: what is agreed of a receivable, with the due date that follows from it."""

from __future__ import annotations

from typing import Any

from domain.ledger.model import Receivable
from domain.ledger.rules.delivery import Delivery
from domain.ledger.rules.payment_terms import agreed_due_on, due_date_of
from domain.ledger.rules.standing import check_terms


def agreed(told: dict[str, Any], delivery: Delivery | None) -> dict[str, Any]:
    """The fields of a receivable with its due date, given or by its payment terms; raises InvalidInput with a pointer."""
    due_on = agreed_due_on(told["issued_on"], told["due_on"], told["payment_terms"], delivery)
    check_terms(due_on=due_on)
    return {**told, "due_on": due_on, "delivery": delivery}


def with_due_date(receivable: Receivable, changes: dict[str, Any]) -> dict[str, Any]:
    """Changed fields of a receivable; new payment terms bring their due date."""
    terms = changes.get("payment_terms")
    if terms is None:
        return changes
    due_on = agreed_due_on(receivable.issued_on, changes.get("due_on"), terms, receivable.delivery)
    return {**changes, "due_on": due_on}


def with_delivery(receivable: Receivable, delivery: Delivery | None) -> dict[str, Any]:
    """What a delivery changes of a receivable: itself, and the due date by payment terms that are anchored on it."""
    if receivable.payment_terms is None:
        return {"delivery": delivery}
    due_on = due_date_of(receivable.payment_terms, receivable.issued_on, delivery)
    check_terms(due_on=due_on)
    return {"delivery": delivery, "due_on": due_on}
