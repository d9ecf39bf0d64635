"""PURE: whom to write to."""

from __future__ import annotations

from collections.abc import Iterable

from domain.dunning.rules.facts import ContactFacts

_ROLES = ("billing", "other")


def contact_for_email(contacts: Iterable[ContactFacts]) -> ContactFacts | None:
    """The first contact that may be written to: the billing contacts before others, the oldest first."""
    reachable = [c for c in contacts if c.role in _ROLES and c.sealed_email is not None and not c.opted_out]
    return min(reachable, key=lambda c: (_ROLES.index(c.role), c.id), default=None)


def has_address(contacts: Iterable[ContactFacts]) -> bool:
    """Whether there is any address to write to, whatever its owner has said about it."""
    return any(c.role in _ROLES and c.sealed_email is not None for c in contacts)
