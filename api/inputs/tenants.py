"""What a platform may say of its tenants, and a tenant of its clock."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.inputs.fields import ExternalId, Instant, Name
from domain.access.model import TenantMode


class NewTenant(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An organisation that is owed money."""

    name: Name
    mode: TenantMode
    base_currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    time_zone: Annotated[str, msgspec.Meta(max_length=64)]
    locale: Annotated[str, msgspec.Meta(pattern="^(en|zh-CN)$")]
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] | None = None
    external_id: ExternalId | None = None
    test_clock_at: Instant | None = None


class NewClientRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An OAuth client for a tenant."""

    name: Name
    scopes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]


class ClockAdvance(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the test clock shall stand."""

    to: Instant
