"""Use cases declare their scope once; both transports, the docs and the tests read it from here."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from domain.kernel.context import AnyContext, Context, PlatformContext
from domain.kernel.errors import Forbidden
from domain.kernel.pii import masked
from domain.kernel.scopes import Scope

Realm = Literal["tenant", "platform", "either"]
P = ParamSpec("P")
R = TypeVar("R")
_KINDS: dict[Realm, type | tuple[type, ...]] = {
    "tenant": Context,
    "platform": PlatformContext,
    "either": (Context, PlatformContext),
}


@dataclass(frozen=True, slots=True)
class UseCase:
    """What is known of a use case without running it."""

    name: str
    scope: Scope
    realm: Realm

    @property
    def short_name(self) -> str:
        """`record_payment`: what the audit log calls it."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """One call of a use case; what is written while it runs is its doing."""

    use: UseCase


CATALOGUE: dict[str, UseCase] = {}
_acting: ContextVar[Act | None] = ContextVar("acting", default=None)


def use_case(
    scope: str,
) -> Callable[[Callable[Concatenate[Context, P], Awaitable[R]]], Callable[Concatenate[Context, P], Awaitable[R]]]:
    """Marks a function as a use case inside a tenant that needs `scope` (`resource:read` or `resource:write`)."""
    return _declare(scope, "tenant")


def platform_use_case(
    scope: str,
) -> Callable[
    [Callable[Concatenate[PlatformContext, P], Awaitable[R]]], Callable[Concatenate[PlatformContext, P], Awaitable[R]]
]:
    """Marks a function as a use case of a platform that needs `scope`."""
    return _declare(scope, "platform")


def owner_use_case(
    scope: str,
) -> Callable[[Callable[Concatenate[AnyContext, P], Awaitable[R]]], Callable[Concatenate[AnyContext, P], Awaitable[R]]]:
    """Marks a function as a use case that a platform and a tenant have alike, each for what is its own."""
    return _declare(scope, "either")


def declared(function: Callable[..., Any]) -> UseCase:
    """The declaration of a use case; raises KeyError for anything else."""
    return CATALOGUE[qualified_name(function)]


def qualified_name(function: Callable[..., Any]) -> str:
    """`domain.ledger.payments.record_payment`, the key of the catalogue."""
    return f"{function.__module__}.{function.__name__}"


def check(use: UseCase, ctx: object) -> None:
    """Raises Forbidden unless `ctx` is of the right realm and carries the scope."""
    if not isinstance(ctx, _KINDS[use.realm]):
        raise Forbidden(f"{use.realm}_token_required", f"This needs a token of a {use.realm}.")
    assert isinstance(ctx, Context | PlatformContext)
    ctx.require(use.scope)


def current_act() -> Act | None:
    """The use case that is running, the outermost one; None in the engine's own work."""
    return _acting.get()


def _declare(scope: str, realm: Realm) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        use = UseCase(qualified_name(function), Scope(scope), realm)

        @functools.wraps(function)
        async def checked(ctx: Any, *args: Any, **kwargs: Any) -> Any:
            check(use, ctx)
            if _acting.get() is not None:
                return await function(ctx, *args, **kwargs)
            acting = _acting.set(Act(use))
            try:
                result = await function(ctx, *args, **kwargs)
            finally:
                _acting.reset(acting)
            # Only what leaves for the caller: a use case that calls another one works with the addresses themselves.
            return result if Scope.PII_READ in ctx.scopes else masked(result)

        CATALOGUE[use.name] = use
        return checked

    return decorate
