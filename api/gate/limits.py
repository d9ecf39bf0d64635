"""Limits on requests: fixed windows of a minute, told in the headers of draft-ietf-httpapi-ratelimit-headers-11."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import Counter

from api.gate.gate import Gate
from api.gate.script import WINDOW_SECONDS, Question
from domain.kernel.errors import TooManyRequests, Unauthenticated
from domain.kernel.settings import Settings

LIMITED = Counter("dunwell_limited", "Requests refused because a limit was used up.", ["limit"])

# Tokens whose question is remembered; one is made again whenever it was forgotten.
_KNOWN = 10_000

LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy", "Retry-After")
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quota` requests a minute that share `key`; `name` is what callers see."""

    name: str
    key: str
    quota: int


class Admission:
    """Decides about requests with tokens: what a token names, and which limits it counts against."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self.gate = gate
        self._client_rate, self._tenant_rate = settings.client_rate, settings.tenant_rate
        self._known: dict[str, tuple[Question, list[Limit]]] = {}

    async def admit(
        self, jti: str, subjects: tuple[str, ...], client_id: str, tenant_id: str | None, headers: Headers
    ) -> None:
        """Raises Unauthenticated for a revoked token, TooManyRequests above a limit; adds the limits' headers to `headers`."""
        known = self._known.get(jti)
        if known is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            limits = self._limits(client_id, tenant_id)
            known = Question(jti, subjects, tuple(limit.key for limit in limits)), limits
            self._known[jti] = known
        question, limits = known
        answer = await self.gate.ask(question)
        if answer.revoked:
            raise Unauthenticated("token_revoked", "The access token has been revoked.")
        if answer.used:
            _measure(self.gate, limits, answer.used, headers)

    def _limits(self, client_id: str, tenant_id: str | None) -> list[Limit]:
        limits = [Limit("client", f"client:{client_id}", self._client_rate)]
        if tenant_id is not None:
            limits.append(Limit("tenant", f"tenant:{tenant_id}", self._tenant_rate))
        return [limit for limit in limits if limit.quota]


class Attempts:
    """Limits what anybody may try without a token: to get one, or to sign in."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self._gate, self._settings = gate, settings

    async def at_token(self, client_id: str | None, address: str | None) -> None:
        """For the token, introspection and revocation endpoints, before any secret is looked at; raises TooManyRequests."""
        keys = [("address", address, self._settings.token_address_rate)]
        # By address too: whoever only claims to be a client must not use up what the client itself may try.
        claimed = f"{address}:{client_id}" if client_id else None
        keys.append(("client", claimed, self._settings.token_client_rate))
        await limit_attempts(self._gate, "token", keys)

    async def at_sign_in(self, address: str | None) -> None:
        """For what a person sends to the sign-in pages; raises TooManyRequests."""
        await limit_attempts(self._gate, "sign_in", [("address", address, self._settings.sign_in_rate)])


async def limit_attempts(gate: Gate, kind: str, keys: Sequence[tuple[str, str | None, int]]) -> None:
    """Counts an attempt; raises TooManyRequests.

    `keys` says by what is counted, and each quota a minute: `[("client", client_id, 600), ("address", ip, 1200)]`. Keys come
    from outside, so they are cut to a length.
    """
    limits = [Limit(name, f"{kind}:{name}:{key[:100]}", quota) for name, key, quota in keys if key and quota]
    if limits:
        answer = await gate.ask(Question("", (), tuple(limit.key for limit in limits)))
        if answer.used:
            _measure(gate, limits, answer.used, [])


def _measure(gate: Gate, limits: Sequence[Limit], used: Sequence[int], headers: Headers) -> None:
    left_seconds = WINDOW_SECONDS - int(gate.clock.now().timestamp()) % WINDOW_SECONDS
    policy, state, exceeded = [], [], None
    for limit, count in zip(limits, used, strict=True):
        policy.append(f'"{limit.name}";q={limit.quota};w={WINDOW_SECONDS}')
        state.append(f'"{limit.name}";r={max(limit.quota - count, 0)};t={left_seconds}')
        if count > limit.quota and exceeded is None:
            exceeded = limit
    headers.append((b"ratelimit-policy", ", ".join(policy).encode()))
    headers.append((b"ratelimit", ", ".join(state).encode()))
    if exceeded is not None:
        LIMITED.labels(exceeded.name).inc()
        detail = f"More than {exceeded.quota} requests a minute for this {exceeded.name}."
        raise TooManyRequests("rate_limited", detail, retry_after_seconds=left_seconds)
