"""PURE: texts written by tenants, rendered in Liquid within hard limits, and judged when they are saved.

What is allowed is listed, everything else is refused. Variables are strings, so there is nothing to loop over: `for` is
left out, and so are ranges, since `(1..1000000000) contains "x"` keeps a processor busy for half a minute without
touching any limit of the library. Filters that build longer texts (append, replace, ...) are left out because chained
they make a hundred megabytes within the limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from liquid import BoundTemplate, Environment, RenderContext, StrictUndefined
from liquid.ast import Node
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.expression import Expression

from domain.kernel.errors import FieldError
from domain.messaging.rules.markup import TAGS, markup_faults

VARIABLES = (
    "customer_name",
    "contact_name",
    "number",
    "amount",
    "open_amount",
    "disputed_amount",
    "due_amount",
    "due_on",
    "issued_on",
    "days_overdue",
    "days_until_due",
    "company_name",
    "today",
    "receivable_count",
    "receivables_text",
)
"""What a template may mention; each is a string, money and dates formatted for the notice's locale."""

FILTERS = frozenset({"upcase", "downcase", "capitalize", "default", "truncate", "strip", "size"})
MAX_SOURCE_BYTES = 65_536
MAX_SUBJECT_SOURCE = 500
MAX_SUBJECT = 250

# Names the parser itself needs; none can be written in a template.
_PARSER_TAGS = frozenset({"content", "output", "illegal"})
# What parsing or rendering a text may raise: int() refuses 5 000 digits, a chain of 10 000 `and` is too deep.
_FAILURES = (LiquidError, ValueError, TypeError, ArithmeticError, RecursionError)
_SAMPLE = dict.fromkeys(VARIABLES, "12")
# Control characters, which would break headers or terminals; a body keeps line feeds and tabs.
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


class RenderError(Exception):
    """A template and these values make no text; says why."""


class _Limited(Environment):
    context_depth_limit = 5
    block_nesting_limit = 5
    loop_iteration_limit = 500
    local_namespace_limit = 10_000
    output_stream_limit = 20_000


def _environment() -> Environment:
    limited = _Limited(undefined=StrictUndefined)
    limited.tags = {name: tag for name, tag in limited.tags.items() if name in TAGS | _PARSER_TAGS}
    limited.filters = {name: call for name, call in limited.filters.items() if name in FILTERS}
    return limited


_LIQUID = _environment()


@lru_cache(maxsize=4096)
def compiled(source: str) -> BoundTemplate:
    """The parsed text, kept; raises RenderError if it cannot be parsed."""
    if len(source.encode()) > MAX_SOURCE_BYTES:
        raise RenderError("The text is too long.")
    try:
        return _LIQUID.from_string(source)
    except _FAILURES as failed:
        raise RenderError(_sentence(failed)) from failed


def render_subject(source: str, variables: dict[str, str]) -> str:
    """One line without control characters, so that no value can add a header."""
    return " ".join(_rendered(source, variables).split()).translate(_CONTROLS)[:MAX_SUBJECT]


def render_body(source: str, variables: dict[str, str]) -> str:
    """Plain text with line feeds."""
    return _rendered(source, variables).replace("\r\n", "\n").translate(_CONTROLS).strip() + "\n"


def lint(subject: str, body: str) -> list[FieldError]:
    """What is wrong with a template, by JSON pointer and at most 20 of each part; empty means that it will render."""
    parts = (("/subject", subject, MAX_SUBJECT_SOURCE), ("/body", body, MAX_SOURCE_BYTES))
    return [fault for part in parts for fault in list(dict.fromkeys(_faults(*part)))[:20]]


def _rendered(source: str, variables: dict[str, str]) -> str:
    try:
        return compiled(source).render(variables)
    except _FAILURES as failed:
        raise RenderError(_sentence(failed)) from failed


def _faults(pointer: str, source: str, most: int) -> Iterator[FieldError]:
    if not source.strip():
        yield FieldError(pointer, "template_empty", "The text is empty.")
    elif len(source.encode("utf-8", "replace")) > most:
        yield FieldError(pointer, "template_too_long", f"The text is longer than {most} bytes.")
    elif faults := [FieldError(pointer, code, detail) for code, detail in markup_faults(source)]:
        yield from faults
    else:
        yield from _faults_of_closed_markup(pointer, source)


def _faults_of_closed_markup(pointer: str, source: str) -> Iterator[FieldError]:
    try:
        parsed = _LIQUID.from_string(source)
        faults = list(_forbidden(pointer, parsed))
        yield from faults or _failing(pointer, parsed)
    except ResourceLimitError as failed:
        yield FieldError(pointer, "template_too_costly", _sentence(failed))
    except _FAILURES as failed:
        yield FieldError(pointer, "template_syntax", _sentence(failed))


def _forbidden(pointer: str, parsed: BoundTemplate) -> Iterator[FieldError]:
    found = parsed.analyze(include_partials=False)
    for name in found.filters:
        if name not in FILTERS:
            yield FieldError(
                pointer, "template_filter_not_allowed", f"The filter {name!r} is not one of {_list(FILTERS)}."
            )
    for path in (path for paths in found.variables.values() for path in paths):
        if len(path.segments) != 1 or path.segments[0] not in VARIABLES:
            yield FieldError(pointer, "template_unknown_variable", f"{str(path)!r} is not one of {_list(VARIABLES)}.")
    context = RenderContext(parsed)
    if any(isinstance(part, RangeLiteral) for node in parsed.nodes for part in _expressions(node, context)):
        yield FieldError(pointer, "template_range_not_allowed", "Ranges such as (1..3) are not allowed.")


def _failing(pointer: str, parsed: BoundTemplate) -> Iterator[FieldError]:
    """Renders once with sample values, which finds comparisons of texts with numbers and outputs beyond the limits."""
    try:
        parsed.render(_SAMPLE)
    except ResourceLimitError as failed:
        yield FieldError(pointer, "template_too_costly", _sentence(failed))
    except _FAILURES as failed:
        yield FieldError(pointer, "template_does_not_render", _sentence(failed))


def _expressions(node: Node, context: RenderContext) -> Iterator[Expression]:
    waiting = list(node.expressions())
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children())
    for child in node.children(context, include_partials=False):
        yield from _expressions(child, context)


def _sentence(failed: Exception) -> str:
    message = str(failed.message if isinstance(failed, LiquidError) else failed).rstrip(".")
    return f"{message[:1].upper()}{message[1:200]}." if message else f"{type(failed).__name__}."


def _list(names: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(names))
