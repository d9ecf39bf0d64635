"""What a client may say of trying a plan."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from api.inputs.customers import Country, Locale, Tags, TimeZone
from api.inputs.fields import Id, MoneyIn
from domain.customers.model import ContactRole, Grade
from domain.dunning.described import Debt
from domain.dunning.model import DelayReason
from domain.dunning.simulating import MOST_STEPS, About

Channels = Annotated[list[Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,29}$")]], msgspec.Meta(max_length=10)]


class DebtIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A debt that is only described; what is left out is the tenant's, and its number and names are samples."""

    amount: MoneyIn
    due_on: date
    issued_on: date | None = None
    grade: Grade | None = None
    tags: Tags = []
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    country: Country | None = None
    channels: Channels = msgspec.field(default_factory=lambda: ["email"])
    role: ContactRole = "billing"
    delay_reason: DelayReason | None = None


class SimulationWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which version of the plan, on what (one of `receivable_id`, `customer_id` and `debt`), from which day and how far."""

    version: Literal["draft", "published"] | None = None
    receivable_id: Id | None = None
    customer_id: Id | None = None
    debt: DebtIn | None = None
    starts_on: date | None = None
    most_steps: Annotated[int, msgspec.Meta(ge=1, le=MOST_STEPS)] = MOST_STEPS
    most_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    texts: bool = True
    locale: Locale | None = None


def simulation_arguments(data: SimulationWanted) -> dict[str, Any]:
    """The arguments of the use case; raises InvalidInput at /debt/amount."""
    about = About(
        receivable_id=data.receivable_id,
        customer_id=data.customer_id,
        debt=None if data.debt is None else _debt(data.debt),
    )
    names = ("version", "starts_on", "most_steps", "most_days", "texts", "locale")
    return {"about": about, **{name: getattr(data, name) for name in names}}


def _debt(data: DebtIn) -> Debt:
    names = ("due_on", "issued_on", "grade", "locale", "time_zone", "country", "role", "delay_reason")
    return Debt(
        amount=data.amount.money("/debt/amount"),
        tags=tuple(data.tags),
        channels=tuple(data.channels),
        **{name: getattr(data, name) for name in names},
    )
