"""How each use case is called: one entry serves both doors.

A use case without an entry fails the matrix. Adding one is a line: what stands in the path, the query and the body.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from domain.customers.model import Customer
from domain.kernel.context import Context, PlatformContext
from domain.kernel.ids import new_id
from tests.factories import a_customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What stands in the path, the query and the body; `content` is a body that is no JSON, `graph` what GraphQL wants otherwise."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    content: str | None = None
    media_type: str = "text/csv"
    graph: dict[str, Any] = field(default_factory=dict)
    as_user: str | None = None
    """The rightful caller, where it has to be a user and not a client."""
    names_objects: bool = True
    """False where an id only names something new, as an external id in a PUT does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """Whose objects they are: a tenant and its platform."""

    ctx: Context
    platform: PlatformContext


Make = Callable[[Victim], Awaitable[Call]]
CASES: dict[str, Make] = {}


def case(name: str) -> Callable[[Make], Make]:
    """Registers how the use case of this name is called."""

    def register(make: Make) -> Make:
        assert name not in CASES, f"two entries for {name}"
        CASES[name] = make
        return make

    return register


def plain(name: str, **call: Any) -> None:
    """Registers a use case that needs no object."""

    @case(name)
    async def make(_: Victim) -> Call:
        return Call(**call)


def one(make_id: Callable[[Victim], Awaitable[str]], key: str, *names: str, body: Any = None) -> None:
    """Registers use cases that name one object in their path."""
    for name in names:

        @case(name)
        async def make(victim: Victim) -> Call:
            return Call(path={key: await make_id(victim)}, body=body)


def fresh(prefix: str = "x") -> str:
    """An external id that nobody has."""
    return f"{prefix}-{new_id('ext')}"


async def secret_customer(v: Victim, **fields: Any) -> Customer:
    """A customer whose name nobody else may learn."""
    return await a_customer(v.ctx, name="Hushed Customer", **fields)


async def secret_customer_id(v: Victim) -> str:
    """The id of such a customer."""
    return (await secret_customer(v)).id
