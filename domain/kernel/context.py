"""Who is asking, for whom, and at what time: the first argument of every use case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from domain.kernel.clock import Clock, SystemClock
from domain.kernel.errors import Forbidden
from domain.kernel.ids import is_id

ClockKind = Literal["system", "test"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: an OAuth client, a user through a client, the operator at the command line, or the engine itself."""

    kind: Literal["client", "user", "operator", "system"]
    id: str
    client_id: str | None = None
    """Through which OAuth client; None at the command line and for the engine."""
    address: str | None = None
    """The IP address the request came from."""


class Keys(Protocol):
    """A tenant's keys: they seal what must not be readable at rest, and hash what must be found again."""

    def seal(self, plain: bytes, *place: str) -> bytes:
        """A ciphertext that opens only for this tenant and at this place: table, row, field."""
        ...

    def open(self, sealed: bytes, *place: str) -> bytes:
        """The plain bytes; raises cryptography's InvalidTag at another place."""
        ...

    def search_hash(self, text: str) -> bytes:
        """A keyed hash, equal for equal texts of this tenant."""
        ...


class NoKeys:
    """In a context that was made before the tenant's keys were loaded: everything sealed stays closed."""

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Raises RuntimeError."""
        raise RuntimeError("the keys of the tenant were not loaded")

    def open(self, sealed: bytes, *place: str) -> bytes:
        """Raises RuntimeError."""
        raise RuntimeError("the keys of the tenant were not loaded")

    def search_hash(self, text: str) -> bytes:
        """Raises RuntimeError."""
        raise RuntimeError("the keys of the tenant were not loaded")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformContext:
    """A platform (or the operator on its behalf) managing its tenants."""

    platform_id: str
    actor: Actor
    scopes: frozenset[str] = frozenset()
    clock: Clock = field(default_factory=SystemClock)
    request_id: str | None = None

    def __post_init__(self) -> None:
        if not is_id(self.platform_id, "plt"):
            raise ValueError("a platform context needs a platform id")

    @property
    def owner_id(self) -> str:
        """To whom this work belongs: the platform."""
        return self.platform_id

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return self.clock.now()

    def require(self, scope: str) -> None:
        """Raises Forbidden unless the token carries `scope`."""
        _require(self.scopes, scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Somebody working inside one tenant; `clock` is the tenant's own (the test clock of a sandbox, else the system's)."""

    tenant_id: str
    actor: Actor
    scopes: frozenset[str] = frozenset()
    clock: Clock = field(default_factory=SystemClock)
    clock_kind: ClockKind = "system"
    time_zone: str = "UTC"
    locale: str = "en"
    base_currency: str = "CNY"
    request_id: str | None = None
    customers_of: str | None = None
    """The user whose own customers are all that this context can see; None sees every customer."""
    keys: Keys = field(default_factory=NoKeys, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The ids are written into `set local`, which takes no parameters: nothing but an id may get there.
        if not is_id(self.tenant_id, "tnt"):
            raise ValueError("a context needs a tenant id")
        if self.customers_of is not None and not is_id(self.customers_of, "usr"):
            raise ValueError("a limited context needs a user id")

    @property
    def owner_id(self) -> str:
        """To whom this work belongs: the tenant."""
        return self.tenant_id

    @property
    def on_test_clock(self) -> bool:
        """Whether this tenant's time stands still until its owner moves it."""
        return self.clock_kind == "test"

    def now(self) -> datetime:
        """The present instant in the tenant's time, aware, UTC."""
        return self.clock.now()

    def today(self) -> date:
        """The tenant's calendar day."""
        return self.now().astimezone(ZoneInfo(self.time_zone)).date()

    def require(self, scope: str) -> None:
        """Raises Forbidden unless the token carries `scope`."""
        _require(self.scopes, scope)


AnyContext = Context | PlatformContext


def _require(scopes: frozenset[str], scope: str) -> None:
    if scope not in scopes:
        raise Forbidden("insufficient_scope", f"This needs a token with the scope {scope}.", scope=scope)
