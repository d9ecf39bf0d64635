"""Customers, who owe, and their contacts, who are reminded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

import msgspec

from domain.kernel.context import Context
from domain.kernel.pii import ADDRESSES, EMAIL, PHONE

ContactRole = Literal["billing", "escalation", "other", "third_party"]
CHANNEL_NAME = "^[a-z][a-z0-9_]{0,29}$"
Channel = Annotated[str, msgspec.Meta(pattern=CHANNEL_NAME)]
"""The name of a way to reach somebody: email, sms, wecom, push, letter, whatsapp, voice, or one that a provider brings along."""
Grade = Literal["A", "B", "C", "D", "E"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The party that owes. `locale` and `time_zone` are None where the tenant's hold.

    `owner_id` is the user who looks after the customer: a collector limited to own customers sees no others.
    `grade` says how good a debtor it is, A (best) to E; None where nobody has said. `tags` are the tenant's own words for it: each
    once, in the order of their characters.
    `grade` says how good a debtor it is, A (best) to E; None where nobody has said.
    `country` (ISO 3166-1 alpha-2) is the one whose public holidays count; None where the tenant's does.
    """

    id: str
    external_id: str | None
    name: str
    locale: str | None
    time_zone: str | None
    metadata: dict[str, Any]
    owner_id: str | None = None
    grade: Grade | None = None
    tags: list[str] = field(default_factory=list)
    country: str | None = None
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

    A `third_party`, such as an employer or a guarantor, is kept for other purposes and never told of a debt. `time_zone` is None
    where the customer's holds.
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
    time_zone: str | None = None
    invalid_addresses: list[InvalidAddress] = field(default_factory=list)
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a statement over `customers c` is narrowed by: a join, a condition and their parameters."""

    join: str = ""
    where: str = "true"
    arguments: tuple[Any, ...] = ()


class Narrowing(Protocol):
    """What narrows a list of customers by more than they themselves hold; a room above this one knows it."""

    async def condition(self, ctx: Context, first: int) -> Condition:
        """The condition, whose parameters begin at the number `first`, asked in the transaction of the list."""
        ...
