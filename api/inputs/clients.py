"""What a platform or tenant may say of its own OAuth clients."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Name
from domain.access.model import AuthMethod, ClientType, GrantType

RedirectUris = Annotated[list[Annotated[str, msgspec.Meta(max_length=2000)]], msgspec.Meta(max_length=20)]
GrantTypes = Annotated[list[GrantType], msgspec.Meta(min_length=1, max_length=4)]
Scopes = Annotated[list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(min_length=1, max_length=100)]
OverlapHours = Annotated[int, msgspec.Meta(ge=0, le=168)]


class ClientRegistration(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An OAuth client to be registered; without `auth_method` a confidential one gets client_secret_basic."""

    name: Name
    type: ClientType = "confidential"
    auth_method: AuthMethod | None = None
    redirect_uris: RedirectUris = []
    grant_types: GrantTypes = msgspec.field(default_factory=lambda: ["client_credentials"])
    scopes: Scopes
    jwks: dict[str, Any] | None = None


class ClientPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    redirect_uris: RedirectUris | UnsetType = UNSET
    grant_types: GrantTypes | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    jwks: dict[str, Any] | UnsetType | None = UNSET


class SecretRotation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How many hours the secret before the new one goes on working."""

    overlap_hours: OverlapHours = 24
