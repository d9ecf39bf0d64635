"""What a process remembers of accounts, with a clock of the test's own."""

from __future__ import annotations

import asyncio

from domain.messaging.channel_model import Outcome
from workers.channels.memory import AccessToken, Pace, Tokens


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Office:
    """Hands out numbered tokens, or the refusals that it was given."""

    def __init__(self, *refusals: Outcome, lifetime: float = 7200) -> None:
        self.refusals, self.lifetime, self.asked = list(refusals), lifetime, 0

    async def __call__(self) -> AccessToken | Outcome:
        self.asked += 1
        await asyncio.sleep(0)
        return self.refusals.pop(0) if self.refusals else AccessToken(f"t{self.asked}", self.lifetime)


async def test_of_those_who_ask_at_once_one_fetches() -> None:
    tokens, office = Tokens(Clock()), Office()
    assert await asyncio.gather(*(tokens.get("a", office) for _ in range(9))) == ["t1"] * 9
    assert office.asked == 1


async def test_a_token_is_renewed_before_it_ends() -> None:
    clock, office = Clock(), Office()
    tokens = Tokens(clock)
    await tokens.get("a", office)
    clock.seconds += 6899
    assert await tokens.get("a", office) == "t1"
    clock.seconds += 1
    assert await tokens.get("a", office) == "t2"


async def test_a_short_lived_token_is_used_for_half_its_life() -> None:
    clock, office = Clock(), Office(lifetime=100)
    tokens = Tokens(clock)
    await tokens.get("a", office)
    clock.seconds += 49
    assert await tokens.get("a", office) == "t1"
    clock.seconds += 1
    assert await tokens.get("a", office) == "t2"


async def test_forgetting_an_old_token_keeps_its_successor() -> None:
    tokens, office = Tokens(Clock()), Office()
    await tokens.get("a", office)
    tokens.forget("a", "t1")
    assert await tokens.get("a", office) == "t2"
    tokens.forget("a", "t1")
    assert await tokens.get("a", office) == "t2"


async def test_a_refusal_is_believed_for_as_long_as_it_says() -> None:
    slow, brief = Outcome("retryable", "slow", "", retry_after=60), Outcome("retryable", "brief", "")
    clock, office = Clock(), Office(slow, brief)
    tokens = Tokens(clock)
    assert await tokens.get("a", office) == slow
    clock.seconds += 59
    assert await tokens.get("a", office) == slow
    clock.seconds += 1
    assert await tokens.get("a", office) == brief
    clock.seconds += 5
    assert await tokens.get("a", office) == "t3"


async def test_each_secret_has_a_token_of_its_own() -> None:
    tokens, office = Tokens(Clock()), Office()
    assert [await tokens.get("a", office), await tokens.get("b", office), await tokens.get("a", office)] == [
        "t1",
        "t2",
        "t1",
    ]


def test_a_pace_is_a_sliding_window() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.wait("a", ((2, 60.0),)) for _ in range(2)] == [0, 0]
    clock.seconds += 59
    assert pace.wait("a", ((2, 60.0),)) == 1
    assert pace.wait("b", ((2, 60.0),)) == 0
    clock.seconds += 1
    assert pace.wait("a", ((2, 60.0),)) == 0


def test_the_longest_of_several_limits_counts() -> None:
    clock, limits = Clock(), ((2, 1.0), (3, 60.0))
    pace = Pace(clock)
    assert [pace.wait("a", limits) for _ in range(3)] == [0, 0, 1]
    clock.seconds += 1
    assert [pace.wait("a", limits), pace.wait("a", limits)] == [0, 59]


def test_a_queue_is_spread_over_the_rounds_that_it_needs() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.wait("a", ((2, 60.0),)) for _ in range(7)] == [0, 0, 60, 60, 120, 120, 180]
