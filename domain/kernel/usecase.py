"""Use cases declare their scope once; both transports, the docs and the tests read it from here."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Forbidden

Realm = Literal["tenant", "platform"]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class UseCase:
    """What is known of a use case without running it."""

    name: str
    scope: str
    realm: Realm


CATALOGUE: dict[str, UseCase] = {}


def use_case(
    scope: str,
) -> Callable[[Callable[Concatenate[Context, P], Awaitable[R]]], Callable[Concatenate[Context, P], Awaitable[R]]]:
    """Marks a function as a use case inside a tenant that needs `scope` (`resource:read` or `resource:write`)."""
    return _declare(scope, "tenant", Context)


def platform_use_case(
    scope: str,
) -> Callable[
    [Callable[Concatenate[PlatformContext, P], Awaitable[R]]], Callable[Concatenate[PlatformContext, P], Awaitable[R]]
]:
    """Marks a function as a use case of a platform that needs `scope`."""
    return _declare(scope, "platform", PlatformContext)


def declared(function: Callable[..., Any]) -> UseCase:
    """The declaration of a use case; raises KeyError for anything else."""
    return CATALOGUE[qualified_name(function)]


def qualified_name(function: Callable[..., Any]) -> str:
    """`domain.ledger.payments.record_payment`, the key of the catalogue."""
    return f"{function.__module__}.{function.__name__}"


def check(use: UseCase, ctx: object) -> None:
    """Raises Forbidden unless `ctx` is of the right realm and carries the scope."""
    expected = Context if use.realm == "tenant" else PlatformContext
    if not isinstance(ctx, expected):
        raise Forbidden(f"{use.realm}_token_required", f"This needs a token of a {use.realm}.")
    ctx.require(use.scope)


def _declare(scope: str, realm: Realm, _: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        use = UseCase(qualified_name(function), scope, realm)

        @functools.wraps(function)
        async def checked(ctx: Any, *args: Any, **kwargs: Any) -> Any:
            check(use, ctx)
            return await function(ctx, *args, **kwargs)

        CATALOGUE[use.name] = use
        return checked

    return decorate
