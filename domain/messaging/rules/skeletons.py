"""PURE: the same text rendered for many recipients, without walking through the template for each of them.

What a template makes depends on the values that its tags and filters look at; all others only stand where they are named. So the
library renders a skeleton once for each set of the former, with marks in place of the latter, and each text is a skeleton with its
marks replaced. The marks are of this process and cannot be written by a tenant.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.exceptions import ResourceLimitError
from liquid.expression import Expression

_MARK = secrets.token_hex(8)
_MARKED = re.compile(f"{_MARK}:([a-z_]+):")

_MOST_KEPT = 256


class Outline:
    """A template with its skeletons; `names` are the values that are texts and that every rendering is given."""

    __slots__ = ("_looked_at", "_made", "_marks", "_parsed")

    def __init__(self, parsed: BoundTemplate, names: frozenset[str]) -> None:
        context = RenderContext(parsed)
        looked_at = {name for node in parsed.nodes for name in _looked_at(node, context)}
        self._parsed = parsed
        # Loops look at lists and at names of their own: such a template is rendered as it is.
        self._looked_at = tuple(sorted(looked_at)) if looked_at <= names else None
        self._marks = {name: f"{_MARK}:{name}:" for name in names - looked_at}
        self._made: dict[tuple[object, ...], list[str]] = {}

    def text(self, values: Mapping[str, object], longest: int) -> str:
        """What the template makes of these values; raises what the library raises, of a text longer than `longest` bytes too."""
        if self._looked_at is None or not values.keys() >= self._marks.keys():
            return self._parsed.render(values)
        seen = tuple([values.get(name) for name in self._looked_at])
        bones = self._made.get(seen)
        if bones is None:
            bones = self._skeleton(seen, values)
        parts = bones.copy()
        parts[1::2] = [values[name] for name in bones[1::2]]  # type: ignore[misc]
        text = "".join(parts)
        if len(text) * 4 > longest and len(text.encode()) > longest:
            raise ResourceLimitError("output stream limit reached", token=None)
        return text

    def _skeleton(self, seen: tuple[object, ...], values: Mapping[str, object]) -> list[str]:
        if len(self._made) >= _MOST_KEPT:
            self._made.clear()
        made = self._made[seen] = _MARKED.split(self._parsed.render({**values, **self._marks}))
        return made


def _looked_at(node: Node, context: RenderContext) -> Iterator[str]:
    if not (isinstance(node, OutputNode) and _only_shows(node.expression)):
        for expression in node.expressions():
            yield from _names(expression)
    for child in node.children(context, include_partials=False):
        yield from _looked_at(child, context)


def _only_shows(expression: Expression) -> bool:
    return (
        isinstance(expression, FilteredExpression)
        and not expression.filters
        and isinstance(expression.left, Path)
        and len(expression.left.path) == 1
        and isinstance(expression.left.path[0], str)
    )


def _names(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield str(expression.path[0])
    for child in expression.children():
        yield from _names(child)
