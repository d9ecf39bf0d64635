"""PURE: why a step that is due is not carried out: an ordered list of small rules, each giving a reason code."""

from __future__ import annotations

from collections.abc import Callable

from domain.dunning.rules.contact import contact_for_email, has_address, has_only_invalid_addresses
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.steps import ActionType

Hold = Callable[[CaseFacts], str | None]

DISPUTED = "disputed"
COVERED = "covered_by_unapplied_amount"
NO_ADDRESS = "no_contact_address"
ADDRESS_INVALID = "address_invalid"
OPTED_OUT = "opted_out"


def disputed(facts: CaseFacts) -> str | None:
    """The customer contests all that is open."""
    return None if facts.due_amount else DISPUTED


def covered_by_unapplied_amount(facts: CaseFacts) -> str | None:
    """The customer has paid enough already; the money has only not been assigned yet."""
    return COVERED if facts.due_amount and facts.unapplied_amount >= facts.due_amount else None


def no_contact_address(facts: CaseFacts) -> str | None:
    """There is nobody to write to."""
    return None if has_address(facts.contacts) or has_only_invalid_addresses(facts.contacts) else NO_ADDRESS


def address_invalid(facts: CaseFacts) -> str | None:
    """What was written to every address there is came back."""
    return ADDRESS_INVALID if has_only_invalid_addresses(facts.contacts) else None


def opted_out(facts: CaseFacts) -> str | None:
    """Everybody who could be written to does not want it."""
    return OPTED_OUT if has_address(facts.contacts) and contact_for_email(facts.contacts) is None else None


# A task is never held: the person who gets it sees the facts and decides.
_HOLDS: dict[ActionType, tuple[Hold, ...]] = {
    "email": (disputed, covered_by_unapplied_amount, no_contact_address, address_invalid, opted_out),
    "task": (),
    "escalation": (
        disputed,
        covered_by_unapplied_amount,
    ),
    "charge": (
        disputed,
        covered_by_unapplied_amount,
    ),
}


def reasons_to_hold(action: ActionType, facts: CaseFacts) -> tuple[str, ...]:
    """Every reason against an action of this type; empty if it may be carried out."""
    return tuple(reason for hold in _HOLDS[action] if (reason := hold(facts)) is not None)
