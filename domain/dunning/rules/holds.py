"""PURE: why a step that is due is not carried out: an ordered list of small rules, each giving a reason code."""

from __future__ import annotations

from collections.abc import Callable

from domain.dunning.rules.actions import ActionType, AlertAction, is_writing
from domain.dunning.rules.contact import has_address, has_address_on, has_only_invalid_addresses, recipient_for, ways_of
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.steps import Step
from domain.messaging.rules.contact_policy import OPTED_OUT, THIRD_PARTY_BLOCK

Hold = Callable[[CaseFacts, Step], str | None]

DISPUTED = "disputed"
COVERED = "covered_by_unapplied_amount"
NO_ADDRESS = "no_contact_address"
ADDRESS_INVALID = "address_invalid"
NO_USABLE_CHANNEL = "channel_not_configured"
NO_CHANNEL_ACCOUNT = "no_channel_account"


def disputed(facts: CaseFacts, _: Step) -> str | None:
    """The customer contests all that is open."""
    return None if facts.due_amount else DISPUTED


def covered_by_unapplied_amount(facts: CaseFacts, _: Step) -> str | None:
    """The customer has paid enough already; the money has only not been assigned yet."""
    return COVERED if facts.due_amount and facts.unapplied_amount >= facts.due_amount else None


def nobody_to_write_to(facts: CaseFacts, step: Step) -> str | None:
    """There is no address for any of the channels, none that takes messages, or everybody who has one does not want it."""
    action = step.action
    assert is_writing(action)
    channels, roles = ways_of(step, action, facts), action.recipients
    if not channels:
        return NO_USABLE_CHANNEL
    if recipient_for(facts.contacts, channels, roles) is not None:
        return None
    if has_address(facts.contacts, channels, roles):
        return OPTED_OUT
    return ADDRESS_INVALID if has_only_invalid_addresses(facts.contacts, channels, roles) else NO_ADDRESS


def third_party_block(facts: CaseFacts, step: Step) -> str | None:
    """The only ones there are to write to must not be told of a debt."""
    action = step.action
    assert is_writing(action)
    others = [contact for contact in facts.contacts if contact.role == "third_party"]
    if not others or has_address(facts.contacts, action.channels, action.recipients):
        return None
    return THIRD_PARTY_BLOCK if any(has_address_on(c, name) for c in others for name in action.channels) else None


def no_channel_account(facts: CaseFacts, step: Step) -> str | None:
    """The tenant's own people cannot be told anything through the channel."""
    action = step.action
    assert isinstance(action, AlertAction)
    return None if action.channel in (facts.usable_channels or ()) else NO_CHANNEL_ACCOUNT


_WRITING = (disputed, covered_by_unapplied_amount, nobody_to_write_to, third_party_block)
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


def reasons_to_hold(step: Step, facts: CaseFacts) -> tuple[str, ...]:
    """Every reason against what the step does; empty if it may be carried out."""
    return tuple([reason for hold in _HOLDS[step.action.type] if (reason := hold(facts, step)) is not None])
