"""What a platform may say of its tenants, and a tenant of its clock."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import ExternalId, Instant, Name
from domain.access.model import TenantMode

Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
TimeZone = Annotated[str, msgspec.Meta(max_length=64)]
Locale = Annotated[str, msgspec.Meta(pattern="^(en|zh-CN)$")]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]


class TenantFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An organisation that is owed money; the test clock of a sandbox is given only when it is created."""

    name: Name
    mode: TenantMode
    base_currency: Currency
    time_zone: TimeZone
    locale: Locale
    country: Country | None = None
    test_clock_at: Instant | None = None


class NewTenant(TenantFields, forbid_unknown_fields=True, kw_only=True):
    """An organisation that is owed money."""

    external_id: ExternalId | None = None


class TenantPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    base_currency: Currency | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    country: Country | UnsetType | None = UNSET
    external_id: ExternalId | UnsetType | None = UNSET


class NewClientRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An OAuth client for a tenant."""

    name: Name
    scopes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]


class ClockAdvance(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the test clock shall stand."""

    to: Instant
