"""Delivering: due webhook deliveries are claimed, posted outside any transaction, and recorded.

A delivery is claimed only when its request can start at once, so its lease cannot run out while it waits, and whatever
finishes is recorded with the next claim while slower requests are still under way. Thus one transaction per round, and an
endpoint that hangs holds up nobody: it gets its share of the requests, and once it is known to fail, two at a time.

A tenant that is not active claims nothing. No lock is held while a request is out (a receiver may take half a minute), so a
suspension does not wait for requests whose claim has committed before it: they end, and nothing new is begun.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime

import structlog

from domain.events.webhook_claims import Claim, claim, signed_request
from domain.events.webhook_model import Poster, WebhookResponse
from domain.events.webhook_outcomes import Finished, record
from domain.kernel.clock import Clock, SystemClock, monotonic_seconds
from domain.kernel.context import Context
from domain.storage.doors import tenants_through
from domain.storage.tenancy import hold_active
from domain.storage.transaction import transaction

# Requests of one tenant under way at once: all of them, those to one endpoint; the same for endpoints that fail.
CONCURRENCY = 32
PER_ENDPOINT = 24
FAILING_CONCURRENCY = 8
PER_FAILING_ENDPOINT = 2
# Longer than the poster's own timeout, shorter than the lease.
LONGEST_POST = 30.0
# Answers that come this close together are recorded together.
_GATHER = 0.02
# How often the others are looked after while a request is slow; from when it is slow; how long a call takes on new ones.
_POLL, _SLOW, _LONGEST_CALL = 0.25, 1.0, 30.0
_MOST_TENANTS = 500

_log = structlog.get_logger()


async def deliver_due(ctx: Context, post: Poster, limit: int = 100, *, clock: Clock | None = None) -> int:
    """Makes the attempts that are due by the real clock, also for a tenant on a test clock; the number made.

    Ends after about `limit`, but while a slow request is still out it keeps serving the healthy endpoints.
    """
    run = _Run(clock or SystemClock(), post)
    try:
        while True:
            async with transaction(ctx):
                finished = run.take_finished()
                await record(ctx, finished)
                now = run.clock.now()
                claims = await _claim(ctx, run, limit, now) if await hold_active(ctx) else []
            run.made += len(finished)
            run.start(claims)
            if not run.flights:
                return run.made
            await run.wait()
    finally:
        await run.abandon()


async def tenants_with_due_deliveries(at: datetime) -> list[str]:
    """Tenants with deliveries to attempt, in no order, so that none is always last."""
    return await tenants_through("door_tenants_with_due_deliveries", at, _MOST_TENANTS)


class _Run:
    """The requests that one call of `deliver_due` has under way."""

    def __init__(self, clock: Clock, post: Poster) -> None:
        self.clock = clock
        self.made = 0
        self.claimed = 0
        self.flights: dict[asyncio.Task[Finished], tuple[Claim, float]] = {}
        self._post = post
        self._began = monotonic_seconds()

    def under_way(self, *, failing: bool) -> Counter[str]:
        """How many requests are under way for each endpoint."""
        return Counter(taken.endpoint_id for taken, _ in self.flights.values() if taken.failing is failing)

    def has_slow_request(self) -> bool:
        """Whether some request takes so long that the others must not wait for it."""
        return any(monotonic_seconds() - since > _SLOW for _, since in self.flights.values())

    def is_overlong(self) -> bool:
        """Whether it is time to let the caller breathe."""
        return monotonic_seconds() - self._began > _LONGEST_CALL

    def start(self, claims: list[Claim]) -> None:
        """Sends requests on their way; no transaction is open, so none is inherited by them."""
        self.claimed += len(claims)
        for taken in claims:
            self.flights[asyncio.create_task(_attempt(taken, self._post, self.clock))] = (taken, monotonic_seconds())

    async def wait(self) -> None:
        """Until some have finished, or it is time to look for new ones."""
        done, rest = await asyncio.wait(self.flights, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED)
        if done and rest:
            await asyncio.wait(rest, timeout=_GATHER)

    def take_finished(self) -> list[Finished]:
        """Those that have ended since the last time."""
        ended = [flight for flight in self.flights if flight.done()]
        for flight in ended:
            del self.flights[flight]
        return [flight.result() for flight in ended]

    async def abandon(self) -> None:
        """Stops what is still under way, when the worker stops; it is tried again when its lease runs out."""
        for flight in self.flights:
            flight.cancel()
        await asyncio.gather(*self.flights, return_exceptions=True)


async def _claim(ctx: Context, run: _Run, limit: int, now: datetime) -> list[Claim]:
    within_limit = run.claimed < limit
    if run.is_overlong() or not (within_limit or run.has_slow_request()):
        return []
    healthy, failing = run.under_way(failing=False), run.under_way(failing=True)
    claims = await claim(
        ctx, now, failing=False, most=CONCURRENCY - healthy.total(), most_per_endpoint=PER_ENDPOINT, busy=healthy
    )
    if within_limit:
        room = FAILING_CONCURRENCY - failing.total()
        claims += await claim(
            ctx, now, failing=True, most=room, most_per_endpoint=PER_FAILING_ENDPOINT, busy=failing + healthy
        )
    return claims


async def _attempt(taken: Claim, post: Poster, clock: Clock) -> Finished:
    started_at, began = clock.now(), monotonic_seconds()
    try:
        async with asyncio.timeout(LONGEST_POST):
            response = await post(signed_request(taken, started_at))
    except TimeoutError:
        response = WebhookResponse(None, "timeout")
    except Exception:
        # Whatever is wrong with one request must not lose the outcomes of the others.
        _log.exception("webhook_attempt_failed", delivery_id=taken.delivery_id)
        response = WebhookResponse(None, "internal_error")
    return Finished(
        claim=taken,
        response=response,
        started_at=started_at,
        ended_at=clock.now(),
        duration_ms=round((monotonic_seconds() - began) * 1000),
    )
