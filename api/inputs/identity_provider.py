"""What may be said of a tenant's own OpenID provider."""

from __future__ import annotations

from typing import Annotated

import msgspec


class IdentityProviderFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where users sign in; `only` refuses passwords."""

    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    client_secret: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    enabled: bool = True
    only: bool = False
