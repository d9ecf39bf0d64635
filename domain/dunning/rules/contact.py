"""PURE: whom to write to, and through which channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.customers.model import ContactRole
from domain.dunning.rules.actions import EVERYDAY_ROLES
from domain.dunning.rules.facts import ContactFacts

BY_PHONE = frozenset({"sms", "voice", "whatsapp"})
"""Channels that a telephone number is enough for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who may be written to, and how."""

    contact: ContactFacts
    channel: str


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address as it is stored, and under which field of the contact it was sealed."""

    field: str
    sealed: bytes


def address_of(contact: ContactFacts, channel: str) -> SealedAddress | None:
    """The contact's address for a channel; None if there is none."""
    if channel == "email":
        return SealedAddress("email", contact.sealed_email) if contact.sealed_email is not None else None
    own = contact.sealed_addresses.get(channel)
    if own is not None:
        return SealedAddress(f"addresses/{channel}", own)
    if channel in BY_PHONE and contact.sealed_phone is not None:
        return SealedAddress("phone", contact.sealed_phone)
    return None


def is_opted_out(contact: ContactFacts, channel: str) -> bool:
    """Whether the contact does not want to be written to through the channel."""
    return contact.opted_out if channel == "email" else channel in contact.opted_out_channels


def recipient_for(
    contacts: Iterable[ContactFacts], channels: Sequence[str], roles: Sequence[ContactRole] = EVERYDAY_ROLES
) -> Recipient | None:
    """Who is written to: by the first channel that reaches anybody, the first role that is reached, the oldest contact."""
    wanted = [contact for contact in contacts if contact.role in roles]
    for channel in channels:
        reached = [one for one in wanted if not is_opted_out(one, channel) and address_of(one, channel)]
        if reached:
            return Recipient(contact=_first(reached, roles), channel=channel)
    return None


def _first(reached: Sequence[ContactFacts], roles: Sequence[ContactRole]) -> ContactFacts:
    if len(reached) == 1:
        return reached[0]
    return min(reached, key=lambda contact: (roles.index(contact.role), contact.id))


def contact_for_email(contacts: Iterable[ContactFacts]) -> ContactFacts | None:
    """The first contact that may be written to: the billing contacts before others, the oldest first."""
    found = recipient_for(contacts, ("email",))
    return found.contact if found else None


def has_address(
    contacts: Iterable[ContactFacts],
    channels: Sequence[str] = ("email",),
    roles: Sequence[ContactRole] = EVERYDAY_ROLES,
) -> bool:
    """Whether there is any address to write to, whatever its owner has said about it."""
    return any(c.role in roles and any(address_of(c, channel) for channel in channels) for c in contacts)


def reachable_channels(contacts: Iterable[ContactFacts]) -> frozenset[str]:
    """Every channel through which somebody at the customer may be written to."""
    return frozenset(
        channel
        for contact in contacts
        for channel in ("email", *BY_PHONE, *contact.sealed_addresses)
        if not is_opted_out(contact, channel) and address_of(contact, channel)
    )
