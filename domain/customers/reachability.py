"""What is learnt of contacts by writing to them: which addresses take no messages, and who does not want any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.customers import store
from domain.customers.contacts import contact_event
from domain.customers.model import Contact, InvalidAddress
from domain.customers.rules import address_on
from domain.events.log import emit
from domain.kernel.context import Context
from domain.storage.transaction import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """One thing about one contact. `reason` is why `address` takes no messages, None where the contact opted out."""

    contact_id: str
    channel: str
    reason: str | None
    address: str
    told_at: datetime


async def learn(ctx: Context, lessons: Sequence[Learnt]) -> None:
    """Keeps what was learnt with the contacts that are still there; a second time changes nothing.

    An address that was changed since the message left is not blamed.
    """
    if not lessons:
        return
    by_contact: dict[str, list[Learnt]] = {}
    for lesson in lessons:
        by_contact.setdefault(lesson.contact_id, []).append(lesson)
    async with transaction(ctx):
        for contact in await store.lock_contacts(ctx, list(by_contact)):
            changed = contact
            for lesson in by_contact[contact.id]:
                changed = taught(changed, lesson)
            if changed != contact:
                changed = replace(changed, version=contact.version + 1, updated_at=ctx.now())
                await store.save_contact(ctx, changed)
                emit(ctx, contact_event("updated", changed))


def taught(contact: Contact, lesson: Learnt) -> Contact:
    """The contact with what was learnt of it."""
    if lesson.reason is None:
        if lesson.channel in contact.opted_out_channels:
            return contact
        return replace(contact, opted_out_channels=[*contact.opted_out_channels, lesson.channel])
    known = any(invalid.channel == lesson.channel for invalid in contact.invalid_addresses)
    if known or address_on(contact, lesson.channel) != lesson.address:
        return contact
    invalid = InvalidAddress(channel=lesson.channel, reason=lesson.reason, told_at=lesson.told_at)
    return replace(contact, invalid_addresses=[*contact.invalid_addresses, invalid])
