"""What a client may say of receivables."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import ExternalId, Id, MoneyIn, Name, given
from api.inputs.payment_terms import PaymentTermsIn, payment_terms_of
from api.inputs.receivable_details import Lines, lines_of
from domain.ledger.model import ReceivableStatus
from domain.ledger.rules.references import NAMES, References

Reference = Annotated[str, msgspec.Meta(max_length=200)]


class ReceivableFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A receivable's terms; the customer is named by one of its two ids, the due date given or left to payment terms."""

    customer_id: Id | None = None
    customer_external_id: ExternalId | None = None
    number: Name
    order_reference: Reference | None = None
    contract_reference: Reference | None = None
    salesperson: Reference | None = None
    amount: MoneyIn
    issued_on: date
    due_on: date | None = None
    payment_terms: PaymentTermsIn | None = None
    metadata: dict[str, Any] = {}
    lines: Lines | None = None


class NewReceivable(ReceivableFields, forbid_unknown_fields=True, kw_only=True):
    """An amount that a customer owes."""

    external_id: ExternalId | None = None


class ReceivablePatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    number: Name | UnsetType = UNSET
    order_reference: Reference | UnsetType | None = UNSET
    contract_reference: Reference | UnsetType | None = UNSET
    salesperson: Reference | UnsetType | None = UNSET
    due_on: date | UnsetType = UNSET
    payment_terms: PaymentTermsIn | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


class ReceivableQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list that GraphQL's own types do not check."""

    status: ReceivableStatus | None = None


def terms(data: ReceivableFields) -> dict[str, Any]:
    """The arguments of the use case."""
    agreed = payment_terms_of(data.payment_terms)
    told = {name: value for name, value in given(data).items() if name not in NAMES}
    references = References(**{name: getattr(data, name) for name in NAMES})
    given_lines = {"lines": None if data.lines is None else lines_of(data.lines)}
    amount = data.amount.money("/amount")
    return {**told, **given_lines, "amount": amount, "payment_terms": agreed, "references": references}


def changes(data: ReceivablePatch) -> dict[str, Any]:
    """The fields that are to be changed."""
    told = given(data)
    if "payment_terms" in told:
        told["payment_terms"] = payment_terms_of(told["payment_terms"])
    return told
