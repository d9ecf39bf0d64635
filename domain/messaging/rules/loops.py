"""PURE: what a parsed text may mention, and where: variables anywhere, a receivable's fields inside the loop over the receivables.

`{% for item in receivables %}` is the only loop, none stands inside another, and what stands inside loops is little, so that a text is
rendered in time in proportion to its length. The library's own limit of iterations is counted for each loop by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import LoopExpression, Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags.for_tag import ForNode
from liquid.expression import Expression

Fault = tuple[str, str]

LIST = "receivables"
ITEM_FIELDS = (
    "number",
    "issued_on",
    "due_on",
    "amount",
    "open_amount",
    "disputed_amount",
    "due_amount",
    "days_overdue",
)
"""What a receivable has inside a loop; each is a string, as the variables are."""
MOST_LOOPED = 120
"""Texts, tags and variables inside all loops of a text together."""
LOOP_FIELDS = ("index", "first", "last", "length")
_LOOP = "forloop"


def structure_faults(parsed: BoundTemplate, variables: frozenset[str]) -> Iterator[Fault]:
    """Code and sentence of every loop, range and variable that is not allowed where it stands."""
    walk = _Walk(variables, RenderContext(parsed))
    for node in parsed.nodes:
        yield from walk.faults(node, None)
    if walk.looped > MOST_LOOPED:
        yield "template_too_costly", f"More than {MOST_LOOPED} texts, tags and variables stand inside loops."


class _Walk:
    def __init__(self, variables: frozenset[str], context: RenderContext) -> None:
        self._variables = variables
        self._context = context
        self.looped = 0

    def faults(self, node: Node, item: str | None) -> Iterator[Fault]:
        """Of a node and all within it; `item` is what the loop around it calls a receivable."""
        if item is not None:
            self.looped += 1
        if isinstance(node, ForNode):
            yield from self._of_loop(node, item)
            return
        for expression in node.expressions():
            yield from self._of_expression(expression, item)
        for child in node.children(self._context, include_partials=False):
            yield from self.faults(child, item)

    def _of_loop(self, node: ForNode, item: str | None) -> Iterator[Fault]:
        loop = node.expression
        if item is not None:
            yield "template_nested_loop", "A loop cannot stand inside another."
            return
        yield from self._of_head(loop)
        yield from self.faults(node.block, loop.identifier)
        if node.default is not None:
            yield from self.faults(node.default, None)

    def _of_head(self, loop: LoopExpression) -> Iterator[Fault]:
        if isinstance(loop.iterable, RangeLiteral):
            yield _RANGE
        elif not (isinstance(loop.iterable, Path) and loop.iterable.path == [LIST]):
            yield "template_loop_not_allowed", f"{str(loop.iterable)!r} is not {LIST}, the only thing to loop over."
        if any(part is not None for part in (loop.limit, loop.offset, loop.cols)):
            yield "template_loop_not_allowed", "A loop has no limit and no offset."
        if loop.identifier in self._variables | {LIST, _LOOP}:
            yield "template_loop_not_allowed", f"{loop.identifier!r} has a meaning already; call the item otherwise."

    def _of_expression(self, expression: Expression, item: str | None) -> Iterator[Fault]:
        waiting = [expression]
        while waiting:
            part = waiting.pop()
            if isinstance(part, RangeLiteral):
                yield _RANGE
            elif isinstance(part, Path) and not self._is_known(part, item):
                yield "template_unknown_variable", f"{str(part)!r} is not one of {self._known(item)}."
            waiting.extend(part.children())

    def _is_known(self, path: Path, item: str | None) -> bool:
        match path.path:
            case [str(name)]:
                return name in self._variables
            case [str(name), str(field)] if item is not None:
                return (name == item and field in ITEM_FIELDS) or (name == _LOOP and field in LOOP_FIELDS)
        return False

    def _known(self, item: str | None) -> str:
        inside = [f"{item}.{field}" for field in ITEM_FIELDS] + [f"{_LOOP}.{field}" for field in LOOP_FIELDS]
        return ", ".join([*sorted(self._variables), *(inside if item else ())])


_RANGE = ("template_range_not_allowed", "Ranges such as (1..3) are not allowed.")
