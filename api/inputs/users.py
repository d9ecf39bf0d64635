"""What may be said of users, and by users of themselves."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Name
from domain.access.roles import Role

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
Locale = Annotated[str, msgspec.Meta(pattern="^(en|zh-CN)$")]
Code = Annotated[str, msgspec.Meta(min_length=6, max_length=10)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class NewUserRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A person to be invited."""

    name: Name
    email: Email
    role: Role
    locale: Locale | None = None
    own_customers_only: bool = False


class UserPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    locale: Locale | UnsetType | None = UNSET
    own_customers_only: bool | UnsetType = UNSET


class SecondFactorCodeFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A code of the authenticator app."""

    code: Code


class PasswordChangeFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The current password, and the one to come."""

    current: Password
    new: Password
