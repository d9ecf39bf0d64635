"""What a GraphQL operation carries: the caller's context and the loaders of this one request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Forbidden
from domain.kernel.usecase import declared

T = TypeVar("T")
Batch = Callable[[Context, list[str]], Awaitable[dict[str, T]]]


class GraphContext:
    """One operation's caller and loaders; each loader answers all siblings with one query."""

    def __init__(self, caller: Context | PlatformContext) -> None:
        self.caller = caller
        self._loaders: dict[Any, DataLoader[str, Any]] = {}

    def load(self, batch: Batch[T], key: str) -> Awaitable[T | None]:
        """The object with this id, fetched together with all others that siblings ask for."""
        if batch not in self._loaders:

            async def fetch(keys: list[str]) -> list[T | None]:
                found = await batch(self.tenant, keys)
                return [found.get(wanted) for wanted in keys]

            self._loaders[batch] = DataLoader(fetch)
        return self._loaders[batch].load(key)

    @property
    def tenant(self) -> Context:
        """The tenant's context; raises Forbidden for a platform's token."""
        if not isinstance(self.caller, Context):
            raise Forbidden("tenant_token_required", "This needs a token of a tenant.")
        return self.caller

    @property
    def platform(self) -> PlatformContext:
        """The platform's context; raises Forbidden for a tenant's token."""
        if not isinstance(self.caller, PlatformContext):
            raise Forbidden("platform_token_required", "This needs a token of a platform.")
        return self.caller


GraphInfo = Info[GraphContext, None]


def door(use_case: Callable[..., Any], graphql_type: Any) -> Callable[[Callable[..., Any]], Any]:
    """A field that opens the door to a use case: its type, its scope in the description, its name for the tests."""
    use = declared(use_case)

    def decorate(resolver: Callable[..., Any]) -> Any:
        said = (resolver.__doc__ or "").strip()
        return strawberry.field(
            resolver,
            graphql_type=graphql_type,
            description=f"{said} Scope: {use.scope}.",
            metadata={"use_case": use.name},
        )

    return decorate
