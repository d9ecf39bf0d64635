"""The contact policy as a resource, on a real PostgreSQL: read, replaced, taken from a preset."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.messaging.contact_policies import (
    get_contact_policy,
    list_contact_policy_presets,
    put_contact_policy,
)
from domain.messaging.contact_policy_model import BlackoutDates, ContactHours, ContactPolicy
from domain.messaging.rules.contact_policy_fields import a_cap, check_policy
from domain.messaging.shipped.contact_policies import presets
from tests.factories_dunning import (
    events_of,
)
from tests.factories_policy import OFFICE, set_policy


async def test_a_policy_is_put_as_a_whole_and_has_versions(ctx: Context) -> None:
    assert await get_contact_policy(ctx) == ContactPolicy()
    first = await set_policy(ctx, contact_hours=[OFFICE], caps=[a_cap(per="customer", most=2, days=7)])
    assert (first.version, first.updated_at) == (1, ctx.now())
    assert await get_contact_policy(ctx) == first
    assert await set_policy(ctx, contact_hours=[OFFICE], caps=[a_cap(per="customer", most=2, days=7)]) == first
    with pytest.raises(PreconditionFailed):
        await put_contact_policy(ctx, {}, expected_version=7)
    second = await put_contact_policy(ctx, {"minimum_gap_hours": 48}, expected_version=1)
    assert (second.version, second.caps, second.contact_hours) == (2, [], [])
    told_of = [event.data["contact_policy"]["version"] for event in await events_of(ctx, "contact_policy.updated")]
    assert told_of == [1, 2]


async def test_a_preset_is_taken_with_its_changes(ctx: Context) -> None:
    policy = await put_contact_policy(ctx, {"minimum_gap_hours": 24}, preset="us_reg_f")
    assert (policy.preset, policy.minimum_gap_hours) == ("us_reg_f", 24)
    assert [(h.from_time, h.to_time) for h in policy.contact_hours] == [("08:00", "21:00")]
    assert [cap.id for cap in policy.caps] == ["cap_customer_7_in_7_days_manual"]
    with pytest.raises(InvalidInput) as unknown:
        await put_contact_policy(ctx, {}, preset="moon")
    assert (unknown.value.errors[0].pointer, unknown.value.errors[0].code) == ("/preset", "unknown_preset")


async def test_presets_are_listed_a_page_at_a_time_and_each_is_a_good_policy(ctx: Context) -> None:
    first = await list_contact_policy_presets(ctx, PageRequest(limit=4))
    rest = await list_contact_policy_presets(ctx, PageRequest(limit=4, after=first.next_key))
    assert [*first.items, *rest.items] == list(presets())
    assert rest.next_key is None
    assert {"cn_consumer_2026", "us_reg_f", "uk_conc"} <= {preset.key for preset in presets()}
    for preset in presets():
        check_policy(preset.policy)
        assert preset.source
        for cap in preset.policy.caps:
            assert cap == a_cap(per=cap.per, most=cap.most, days=cap.days, counts_manual=cap.counts_manual)


@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ({"channels": ["E-Mail"]}, "/channels/0", "malformed_channel"),
        ({"contact_hours": [ContactHours(weekdays=[], from_time="09:00", to_time="10:00")]}, None, "required"),
        (
            {"contact_hours": [ContactHours(weekdays=["monday"], from_time="9", to_time="10:00")]},
            None,
            "malformed_time",
        ),
        (
            {"contact_hours": [ContactHours(weekdays=["monday"], from_time="22:00", to_time="06:00")]},
            "/contact_hours/0/to_time",
            "not_after_from_time",
        ),
        (
            {"blackout_dates": [BlackoutDates(from_on=date(2026, 2, 2), to_on=date(2026, 2, 1))]},
            "/blackout_dates/0/to_on",
            "ends_before_it_begins",
        ),
        ({"caps": [a_cap(per="customer", most=0, days=1)]}, "/caps/0/most", "cap_out_of_range"),
        ({"caps": [a_cap(per="customer", most=1, days=400)]}, "/caps/0/days", "window_out_of_range"),
        ({"caps": [a_cap(per="customer", most=1, days=1)] * 2}, "/caps/1", "repeated_cap"),
        ({"minimum_gap_hours": 0}, "/minimum_gap_hours", "gap_out_of_range"),
    ],
)
async def test_a_wrong_policy_is_refused_by_place(ctx: Context, rules: Any, pointer: str | None, code: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await put_contact_policy(ctx, rules)
    (error,) = wrong.value.errors
    assert error.code == code
    assert pointer is None or error.pointer == pointer
    assert (await get_contact_policy(ctx)).version == 0
