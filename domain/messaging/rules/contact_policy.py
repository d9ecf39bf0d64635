"""PURE: whether a contact may be written to now: yes, not before an instant, or not at all, and which rules say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.messaging.contact_policy_model import ContactCap, ContactPolicy
from domain.messaging.rules.contact_hours import (
    BLACKOUT_DATES,
    BUSINESS_DAYS_ONLY,
    PUBLIC_HOLIDAY,
    QUIET_HOURS,
    closed_by,
    next_open,
)

OPTED_OUT = "opted_out"
THIRD_PARTY_BLOCK = "third_party_block"
CHANNEL_NOT_ALLOWED = "channel_not_allowed"
CONTACT_GAP = "contact_gap"
NO_ALLOWED_TIME = "no_allowed_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """Who is to be contacted, through what: `time_zone` is the contact's, `country` the one whose holidays count."""

    contact_id: str
    channel: str
    time_zone: str
    country: str | None = None
    opted_out: bool = False
    is_third_party: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacted:
    """One time that the customer was contacted: by a notice to a contact through a channel, or by somebody (`is_manual`)."""

    at: datetime
    channel: str
    contact_id: str | None = None
    is_manual: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """allow: `rules` are those that were asked. defer: not before `until`, because of `rules`. deny: never, because of `rules`."""

    kind: Literal["allow", "defer", "deny"]
    until: datetime | None
    rules: tuple[str, ...]


def gate(policy: ContactPolicy, request: ContactRequest, history: Sequence[Contacted], now: datetime) -> Answer:
    """Whether `request` may go out at `now`, given all earlier contacts of the same customer in any order.

    `until` is the earliest instant at which every rule allows, as things stand. If the calendar opens at no time in the 60 days after
    caps and gap allow, the answer is deny with `no_allowed_time` besides the rules that forbid it now.
    """
    if denials := tuple(_denials(policy, request)):
        return Answer("deny", None, denials)
    paces = list(_paces(policy, request, history))
    earliest = max([now, *(free_at for _, free_at in paces)])
    until = next_open(policy, earliest, request.time_zone, request.country)
    if until == now:
        return Answer("allow", None, rules_of(policy))
    closed = closed_by(policy, now, request.time_zone, request.country)
    rules = (*closed, *(rule for rule, free_at in paces if free_at > now))
    if until is None:
        return Answer("deny", None, (NO_ALLOWED_TIME, *rules))
    # At a midnight that a change of the clocks repeats, the hours between its two instants belong to neither day.
    return Answer("defer", until, rules or (QUIET_HOURS,))


def cap_id(per: str, most: int, days: int, *, counts_manual: bool) -> str:
    """`cap_customer_2_in_7_days`, with `_manual` behind it where calls and visits count as well."""
    return f"cap_{per}_{most}_in_{days}_days{'_manual' if counts_manual else ''}"


def rules_of(policy: ContactPolicy) -> tuple[str, ...]:
    """The ids of all rules that the policy asks."""
    asked = {
        CHANNEL_NOT_ALLOWED: policy.channels is not None,
        QUIET_HOURS: policy.contact_hours,
        BUSINESS_DAYS_ONLY: policy.business_days_only,
        PUBLIC_HOLIDAY: policy.except_public_holidays,
        BLACKOUT_DATES: policy.blackout_dates,
        CONTACT_GAP: policy.minimum_gap_hours,
    }
    own = (rule for rule, is_set in asked.items() if is_set)
    return (OPTED_OUT, THIRD_PARTY_BLOCK, *own, *(cap.id for cap in policy.caps))


def looks_back(policy: ContactPolicy) -> timedelta | None:
    """How far back earlier contacts matter; None if none does."""
    windows = [timedelta(days=cap.days) for cap in policy.caps]
    if policy.minimum_gap_hours:
        windows.append(timedelta(hours=policy.minimum_gap_hours))
    return max(windows, default=None)


def _denials(policy: ContactPolicy, request: ContactRequest) -> Iterator[str]:
    if request.opted_out:
        yield OPTED_OUT
    if request.is_third_party:
        yield THIRD_PARTY_BLOCK
    if policy.channels is not None and request.channel not in policy.channels:
        yield CHANNEL_NOT_ALLOWED


def _paces(
    policy: ContactPolicy, request: ContactRequest, history: Sequence[Contacted]
) -> Iterator[tuple[str, datetime]]:
    """Each rule about earlier contacts that has any to count, and from when on it allows."""
    if policy.minimum_gap_hours and history:
        yield CONTACT_GAP, max(one.at for one in history) + timedelta(hours=policy.minimum_gap_hours)
    for cap in policy.caps:
        counted = sorted((one.at for one in history if _counts(cap, request, one)), reverse=True)
        if len(counted) >= cap.most:
            yield cap.id, counted[cap.most - 1] + timedelta(days=cap.days)


def _counts(cap: ContactCap, request: ContactRequest, one: Contacted) -> bool:
    if one.is_manual:
        # Whom a collector called is not known by contact, so it counts for every one of the customer's.
        return cap.counts_manual and (cap.per != "channel" or one.channel == request.channel)
    match cap.per:
        case "contact":
            return one.contact_id == request.contact_id
        case "channel":
            return one.channel == request.channel
        case _:
            return True
