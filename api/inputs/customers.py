"""What a client may say of customers and contacts."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import ExternalId, Name
from domain.customers.model import Channel, ContactRole, Grade

Locale = Annotated[str, msgspec.Meta(max_length=35)]
TimeZone = Annotated[str, msgspec.Meta(max_length=64)]
OwnerId = Annotated[str, msgspec.Meta(max_length=40)]
Metadata = dict[str, Any]
Addresses = dict[str, Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]]


class CustomerFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A customer's own fields."""

    name: Name
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    metadata: Metadata = {}
    owner_id: OwnerId | UnsetType | None = UNSET
    grade: Grade | UnsetType | None = UNSET


class NewCustomer(CustomerFields, forbid_unknown_fields=True, kw_only=True):
    """A customer to be registered."""

    external_id: ExternalId | None = None


class CustomerPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    locale: Locale | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType | None = UNSET
    metadata: Metadata | UnsetType = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET
    grade: Grade | UnsetType | None = UNSET


class NewContact(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A contact to be added."""

    name: Name
    role: ContactRole = "billing"
    email: Annotated[str, msgspec.Meta(max_length=254)] | None = None
    phone: Annotated[str, msgspec.Meta(max_length=32)] | None = None
    addresses: Addresses = {}
    locale: Locale | None = None
    opted_out_channels: list[Channel] = []


class ContactPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    role: ContactRole | UnsetType = UNSET
    email: Annotated[str, msgspec.Meta(max_length=254)] | UnsetType | None = UNSET
    phone: Annotated[str, msgspec.Meta(max_length=32)] | UnsetType | None = UNSET
    addresses: Addresses | UnsetType = UNSET
    locale: Locale | UnsetType | None = UNSET
    opted_out_channels: list[Channel] | UnsetType = UNSET
