"""How a client may ask for an aging."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.inputs.fields import Id, Name
from domain.customers.model import Grade
from domain.insight.base_currency_model import BaseAgingGroup
from domain.insight.model import AgingGroup

MOST_DAYS = 100_000
DaysOverdue = Annotated[int, msgspec.Meta(ge=0, le=MOST_DAYS)]


class AgingQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What GraphQL's own types do not check of an aging's arguments."""

    group_by: AgingGroup = "currency"


class BaseCurrencyAgingQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What GraphQL's own types do not check of the arguments of an aging in the base currency."""

    group_by: BaseAgingGroup = "tenant"


class AgingReceivablesQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which receivables of an aging; days overdue are inclusive."""

    customer_id: Id | None = None
    owner_id: Id | None = None
    grade: Grade | None = None
    contract_reference: Name | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    days_from: DaysOverdue | None = None
    days_to: DaysOverdue | None = None
