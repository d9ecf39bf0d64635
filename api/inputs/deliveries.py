"""What a client may say of the delivery of an invoice, or of what it is for."""

from __future__ import annotations

from datetime import date

import msgspec

from api.inputs.fields import Name
from domain.ledger.rules.delivery import Delivery, DeliveryMethod


class DeliveryIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """When and how it reached the customer and who acknowledged it; `reference` is for example a tracking number."""

    delivered_on: date | None = None
    received_on: date | None = None
    accepted_on: date | None = None
    method: DeliveryMethod | None = None
    reference: Name | None = None
    acknowledged_by: Name | None = None


def delivery_of(data: DeliveryIn | None) -> Delivery:
    """The delivery in the domain's form; whether its days can be so is for the use case to say."""
    return Delivery() if data is None else Delivery(**msgspec.structs.asdict(data))
