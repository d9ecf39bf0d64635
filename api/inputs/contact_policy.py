"""What a client may say of the contact policy."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Name, given
from domain.messaging.contact_policy_model import BlackoutDates, CapScope, ContactHours, Weekday
from domain.messaging.rules.contact_policy_fields import (
    LARGEST_CAP,
    LONGEST_GAP_HOURS,
    LONGEST_WINDOW_DAYS,
    MOST_BLACKOUTS,
    MOST_CAPS,
    MOST_CHANNELS,
    MOST_HOURS,
    a_cap,
)

TimeOfDay = Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
ChannelName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


class ContactHoursIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Hours of some weekdays in which contact is allowed, on the contact's clock; 24:00 is the end of the day."""

    weekdays: Annotated[list[Weekday], msgspec.Meta(min_length=1, max_length=7)]
    from_time: TimeOfDay
    to_time: TimeOfDay


class BlackoutDatesIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Days without contact, the first and the last included."""

    from_on: date
    to_on: date
    label: Name | None = None


class ContactCapIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """At most so many notices in any so many days; with `counts_manual`, calls, visits, letters and messages count as well."""

    per: CapScope
    most: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_CAP)]
    days: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_WINDOW_DAYS)]
    counts_manual: bool = False


class ContactPolicyFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole policy: a field left out is as in the preset, without one it forbids nothing."""

    preset: Annotated[str, msgspec.Meta(max_length=50)] | None = None
    channels: Annotated[list[ChannelName], msgspec.Meta(max_length=MOST_CHANNELS)] | UnsetType | None = UNSET
    contact_hours: Annotated[list[ContactHoursIn], msgspec.Meta(max_length=MOST_HOURS)] | UnsetType = UNSET
    business_days_only: bool | UnsetType = UNSET
    except_public_holidays: bool | UnsetType = UNSET
    blackout_dates: Annotated[list[BlackoutDatesIn], msgspec.Meta(max_length=MOST_BLACKOUTS)] | UnsetType = UNSET
    caps: Annotated[list[ContactCapIn], msgspec.Meta(max_length=MOST_CAPS)] | UnsetType = UNSET
    minimum_gap_hours: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_GAP_HOURS)] | UnsetType | None = UNSET


def policy_rules(data: ContactPolicyFields) -> dict[str, Any]:
    """The arguments of the use case: the preset, and the rules that are given."""
    told = given(data)
    preset = told.pop("preset")
    makers: dict[str, Any] = {"contact_hours": ContactHours, "blackout_dates": BlackoutDates, "caps": a_cap}
    for name, make in makers.items():
        if name in told:
            told[name] = [make(**given(one)) for one in told[name]]
    return {"rules": told, "preset": preset}
