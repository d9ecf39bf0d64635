"""Customers, who owe, and their contacts, who are reminded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from domain.kernel.pii import ADDRESSES, EMAIL, PHONE

ContactRole = Literal["billing", "escalation", "other"]
CHANNEL_NAME = "^[a-z][a-z0-9_]{0,29}$"
Channel = Annotated[str, msgspec.Meta(pattern=CHANNEL_NAME)]
"""The name of a way to reach somebody: email, sms, wecom, push, letter, whatsapp, voice, or one that a provider brings along."""
Grade = Literal["A", "B", "C", "D", "E"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The party that owes. `locale` and `time_zone` are None where the tenant's hold.

    `owner_id` is the user who looks after the customer: a collector limited to own customers sees no others.
    `grade` says how good a debtor it is, A (best) to E; None where nobody has said.
    """

    id: str
    external_id: str | None
    name: str
    locale: str | None
    time_zone: str | None
    metadata: dict[str, Any]
    owner_id: str | None = None
    grade: Grade | None = None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidAddress:
    """A channel on which the contact's address takes no messages; it is not written to until the address changes.

    `reason` is the code that the other side gave, such as 5.1.1; `told_at` is when it said so.
    """

    channel: str
    reason: str
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or mailbox at a customer; opting out of a channel is final until the contact is changed.

    `addresses` holds those of channels beyond e-mail by the channel's name; sms, voice and whatsapp use `phone` where it says none.
    """

    id: str
    customer_id: str
    name: str
    role: ContactRole
    email: str | None = field(metadata=EMAIL)
    phone: str | None = field(metadata=PHONE)
    addresses: dict[Channel, str] = field(default_factory=dict, metadata=ADDRESSES)
    locale: str | None
    opted_out_channels: list[Channel]
    invalid_addresses: list[InvalidAddress] = field(default_factory=list)
    version: int
    created_at: datetime
    updated_at: datetime
