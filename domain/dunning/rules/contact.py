"""PURE: whom to write to."""

from __future__ import annotations

from collections.abc import Iterable

from domain.dunning.rules.facts import ContactFacts

_ROLES = ("billing", "other")


def contact_for_email(contacts: Iterable[ContactFacts]) -> ContactFacts | None:
    """The first contact that may be written to: the billing contacts before others, the oldest first."""
    reachable = [c for c in contacts if _takes_mail(c) and not c.opted_out]
    return min(reachable, key=lambda c: (_ROLES.index(c.role), c.id), default=None)


def has_address(contacts: Iterable[ContactFacts]) -> bool:
    """Whether there is any address that takes mail, whatever its owner has said about it."""
    return any(map(_takes_mail, contacts))


def has_only_invalid_addresses(contacts: Iterable[ContactFacts]) -> bool:
    """Whether there are addresses to write to, and mail to each of them came back."""
    known = [c for c in contacts if _has_email(c)]
    return bool(known) and not any(map(_takes_mail, known))


def _takes_mail(contact: ContactFacts) -> bool:
    return _has_email(contact) and "email" not in contact.invalid_channels


def _has_email(contact: ContactFacts) -> bool:
    return contact.role in _ROLES and contact.sealed_email is not None
