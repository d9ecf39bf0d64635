"""Relay connections by keyset, for every list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from domain.kernel.paging import DEFAULT_LIMIT, Page, PageRequest, decode_cursor, encode_cursor

T = TypeVar("T")
Item = TypeVar("Item")


@strawberry.type(description="Where a page begins and ends.")
class PageInfo:
    """Relay's page information; lists are read forwards."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One item of a list and its cursor.")
class Edge(Generic[T]):
    """An item and where it stands."""

    node: T
    cursor: str


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's connection."""

    edges: list[Edge[T]]
    page_info: PageInfo


def page_request(first: int | None, after: str | None, name: str) -> PageRequest:
    """What part of the list `name` is asked for; raises InvalidInput for a cursor of another list."""
    return PageRequest(limit=DEFAULT_LIMIT if first is None else first, after=decode_cursor(after, name))


def connection(
    page: Page[Item], name: str, after: str | None, key: Callable[[Any], str] = lambda item: str(item.id)
) -> Any:
    """A page as a connection whose cursors belong to the list `name`."""
    edges = [Edge(node=item, cursor=encode_cursor(key(item), name) or "") for item in page.items]
    info = PageInfo(
        has_next_page=page.next_key is not None,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)
