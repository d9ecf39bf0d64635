"""PURE: whom to write to, and through which channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.customers.model import ContactRole
from domain.dunning.rules.actions import EVERYDAY_ROLES, WritingAction
from domain.dunning.rules.facts import CaseFacts, ContactFacts
from domain.dunning.rules.steps import Step
from domain.kernel.records import record

BY_PHONE = frozenset({"sms", "voice", "whatsapp"})
"""Channels that a telephone number is enough for."""


@record(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who may be written to, and how."""

    contact: ContactFacts
    channel: str


def has_address_on(contact: ContactFacts, channel: str) -> bool:
    """Whether the contact has an address for a channel, whether it takes messages or not."""
    if channel == "email":
        return contact.sealed_email is not None
    return channel in contact.addresses or (channel in BY_PHONE and contact.sealed_phone is not None)


def is_opted_out(contact: ContactFacts, channel: str) -> bool:
    """Whether the contact does not want to be written to through the channel."""
    return contact.opted_out if channel == "email" else channel in contact.opted_out_channels


def recipient_for(
    contacts: Iterable[ContactFacts], channels: Sequence[str], roles: Sequence[ContactRole] = EVERYDAY_ROLES
) -> Recipient | None:
    """Who is written to: by the first channel that reaches anybody, the first role that is reached, the oldest contact."""
    wanted = [contact for contact in contacts if contact.role in roles]
    for channel in channels:
        reached = [one for one in wanted if _takes_messages(one, channel) and not is_opted_out(one, channel)]
        if reached:
            return Recipient(contact=_first(reached, roles), channel=channel)
    return None


def usable(channels: Sequence[str], facts: CaseFacts) -> Sequence[str]:
    """Those of the channels through which something can leave at all, in their order."""
    if facts.usable_channels is None:
        return channels
    return [channel for channel in channels if channel in facts.usable_channels]


def ways_of(step: Step, action: WritingAction, facts: CaseFacts) -> Sequence[str]:
    """The channels that a step may still be written through, in their order: usable, and not tried before."""
    past = facts.occurrences.get(step.key)
    channels = usable(action.channels, facts)
    if past is None or not (tried := past.tried):
        return channels
    return [name for name in channels if name not in tried]


def reached(step: Step, action: WritingAction, facts: CaseFacts) -> Recipient | None:
    """Who the step is written to, and how; None if nobody is left."""
    return recipient_for(facts.contacts, ways_of(step, action, facts), action.recipients)


def _takes_messages(contact: ContactFacts, channel: str) -> bool:
    return has_address_on(contact, channel) and channel not in contact.invalid_channels


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
    """Whether there is any address that takes messages, whatever its owner has said about it."""
    for contact in contacts:
        if contact.role in roles:
            for channel in channels:
                if _takes_messages(contact, channel):
                    return True
    return False


def has_only_invalid_addresses(
    contacts: Iterable[ContactFacts],
    channels: Sequence[str] = ("email",),
    roles: Sequence[ContactRole] = EVERYDAY_ROLES,
) -> bool:
    """Whether there are addresses to write to, and what was written to each of them came back."""
    known = [(c, channel) for c in contacts if c.role in roles for channel in channels if has_address_on(c, channel)]
    return bool(known) and not any(_takes_messages(c, channel) for c, channel in known)


def reachable_channels(contacts: Iterable[ContactFacts]) -> frozenset[str]:
    """Every channel through which somebody at the customer may be written to."""
    return frozenset(
        channel
        for contact in contacts
        if contact.role != "third_party"
        for channel in ("email", *BY_PHONE, *contact.addresses)
        if _takes_messages(contact, channel) and not is_opted_out(contact, channel)
    )
