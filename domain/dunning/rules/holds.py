"""PURE: why a step that is due is not carried out: an ordered list of small rules, each giving a reason code."""

from __future__ import annotations

from collections.abc import Callable

from domain.dunning.rules.actions import Action, ActionType, AlertAction, is_writing
from domain.dunning.rules.contact import has_address, recipient_for
from domain.dunning.rules.facts import CaseFacts

Hold = Callable[[CaseFacts, Action], str | None]

DISPUTED = "disputed"
COVERED = "covered_by_unapplied_amount"
NO_ADDRESS = "no_contact_address"
OPTED_OUT = "opted_out"
NO_CHANNEL_ACCOUNT = "no_channel_account"


def disputed(facts: CaseFacts, _: Action) -> str | None:
    """The customer contests all that is open."""
    return None if facts.due_amount else DISPUTED


def covered_by_unapplied_amount(facts: CaseFacts, _: Action) -> str | None:
    """The customer has paid enough already; the money has only not been assigned yet."""
    return COVERED if facts.due_amount and facts.unapplied_amount >= facts.due_amount else None


def nobody_to_write_to(facts: CaseFacts, action: Action) -> str | None:
    """There is no address for any of the channels, or everybody who has one does not want to be written to."""
    assert is_writing(action)
    channels, roles = action.channels, action.recipients
    if recipient_for(facts.contacts, channels, roles) is not None:
        return None
    return OPTED_OUT if has_address(facts.contacts, channels, roles) else NO_ADDRESS


def no_channel_account(facts: CaseFacts, action: Action) -> str | None:
    """The tenant's own people cannot be told anything through the channel."""
    assert isinstance(action, AlertAction)
    return None if action.channel in facts.staff_channels else NO_CHANNEL_ACCOUNT


_WRITING = (disputed, covered_by_unapplied_amount, nobody_to_write_to)
# A task is never held: the person who gets it sees the facts and decides. Neither is what only tells somebody something.
_HOLDS: dict[ActionType, tuple[Hold, ...]] = {
    "email": _WRITING,
    "notice": _WRITING,
    "alert": (no_channel_account,),
    "task": (),
    "escalation": (disputed, covered_by_unapplied_amount),
    "charge": (disputed, covered_by_unapplied_amount),
    "webhook": (),
    "approval": (),
}


def reasons_to_hold(action: Action, facts: CaseFacts) -> tuple[str, ...]:
    """Every reason against this action; empty if it may be carried out."""
    return tuple(reason for hold in _HOLDS[action.type] if (reason := hold(facts, action)) is not None)
