"""How much one GraphQL operation may ask for, decided before the database is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    VariableNode,
)
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.extensions.max_aliases import create_validator as max_aliases
from strawberry.extensions.query_depth_limiter import create_validator as max_depth

from domain.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT

MAX_DEPTH = 10
MAX_ALIASES = 15
MAX_TOKENS = 2000
MAX_COST = 20_000

# Made once: rules that are made anew for each request would defeat the validation cache.
_RULES: Any = [max_depth(MAX_DEPTH, None, None), max_aliases(MAX_ALIASES)]


class CostLimit(SchemaExtension):
    """Refuses an operation that could return more than MAX_COST objects: each list counts its `first` times what is inside."""

    def on_execute(self) -> Iterator[None]:
        """Counts with the operation's variables, which a cached validation cannot know."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None:
            fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
            for definition in document.definitions:
                if isinstance(definition, OperationDefinitionNode):
                    cost = _cost(definition.selection_set, fragments, context.variables or {})
                    if cost > MAX_COST:
                        raise GraphQLError(
                            f"The operation could return {cost} objects; the limit is {MAX_COST}.",
                            extensions={"code": "operation_too_costly"},
                        )
        yield


EXTENSIONS: list[Any] = [
    lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
    lambda: ParserCache(maxsize=500),
    lambda: ValidationCache(maxsize=500),
    lambda: AddValidationRules(_RULES),
    CostLimit,
]


def _cost(selection_set: Any, fragments: dict[str, Any], variables: dict[str, Any]) -> int:
    if selection_set is None:
        return 0
    total = 0
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            total += _times(selection, variables) * (1 + _cost(selection.selection_set, fragments, variables))
        elif isinstance(selection, InlineFragmentNode):
            total += _cost(selection.selection_set, fragments, variables)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value in fragments:
            total += _cost(fragments[selection.name.value].selection_set, fragments, variables)
    return total


def _times(field: FieldNode, variables: dict[str, Any]) -> int:
    """How often what is inside a field may occur: `first` of a list, else once. Scalars inside cost as much as objects."""
    for argument in field.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                return max(1, min(int(argument.value.value), MAX_LIMIT))
            if isinstance(argument.value, VariableNode):
                given = variables.get(argument.value.name.value)
                return max(1, min(given, MAX_LIMIT)) if isinstance(given, int) else DEFAULT_LIMIT
    if field.selection_set and any(
        isinstance(s, FieldNode) and s.name.value == "edges" for s in field.selection_set.selections
    ):
        return DEFAULT_LIMIT
    return 1
