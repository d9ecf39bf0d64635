"""When, how often and through what a tenant's customers may be contacted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""In the order of `date.weekday()`."""
CapScope = Literal["contact", "customer", "channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHours:
    """On these weekdays contact is allowed from `from_time` until just before `to_time`, such as 09:00 to 24:00, on the contact's clock."""

    weekdays: list[Weekday]
    from_time: str
    to_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackoutDates:
    """No contact from `from_on` to `to_on`, both included, on the contact's calendar."""

    from_on: date
    to_on: date
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCap:
    """At most `most` notices in any `days` times 24 hours: to one contact, to one customer, or to one customer through one channel.

    `id` follows from what the cap says, so that the same cap has the same id for ever. With `counts_manual`, calls, visits, letters
    and messages that people recorded count as well.
    """

    id: str
    per: CapScope
    most: int
    days: int
    counts_manual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPolicy:
    """The rules that a tenant set for contacting customers; what is left empty forbids nothing.

    Whatever is set: nobody is written to through a channel opted out of (`opted_out`), and no third party is told of a debt
    (`third_party_block`). `channels` are those allowed, null for all. Without `contact_hours` any hour will do; a weekday that
    none of them names is closed. Gap and caps count over all reminders of a customer; the gap, in hours, counts calls, visits,
    letters and messages that people recorded too. Version 0 is the policy of a tenant that set none.
    """

    preset: str | None = None
    channels: list[str] | None = None
    contact_hours: list[ContactHours] = field(default_factory=list)
    business_days_only: bool = False
    except_public_holidays: bool = False
    blackout_dates: list[BlackoutDates] = field(default_factory=list)
    caps: list[ContactCap] = field(default_factory=list)
    minimum_gap_hours: int | None = None
    version: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAnswer:
    """What the contact policy said when a notice was queued: the rules that were asked and allowed it, in which version, and when."""

    answer: Literal["allow"] = "allow"
    rules: list[str]
    policy_version: int
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPolicyPreset:
    """A policy that follows the rules of a jurisdiction: whom those bind, where they stand, and what is not expressed here."""

    key: str
    name: str
    jurisdiction: str | None
    debtor_type: Literal["company", "consumer", "any"]
    applies_to: str
    source: str
    note: str
    policy: ContactPolicy
