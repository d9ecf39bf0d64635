"""PURE: texts written by tenants, rendered in Liquid within hard limits, and judged when they are saved.

What is allowed is listed, everything else is refused. There is one thing to loop over, the receivables, and no loop within a loop
(see `loops`). Ranges are left out, since `(1..1000000000) contains "x"` keeps a processor busy for half a minute without
touching any limit of the library. Filters that build longer texts (append, replace, ...) are left out because chained
they make a hundred megabytes within the limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError, ResourceLimitError

from domain.kernel.errors import FieldError
from domain.messaging.model import Value
from domain.messaging.rules.channels import allows_subject, limit_of, needs_subject
from domain.messaging.rules.lines import MOST_LISTED
from domain.messaging.rules.loops import ITEM_FIELDS, LIST, structure_faults
from domain.messaging.rules.markup import TAGS, markup_faults
from domain.messaging.rules.skeletons import Outline

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
    "receivables_text",
    "total_due_amount",
    "numbers",
    "count",
    "new_due_on",
    "notice_number",
)
"""What a template may mention; each is a string, money and dates formatted for the notice's locale."""

LISTS = (LIST,)
"""What a template may loop over; each item has `loops.ITEM_FIELDS`."""

FILTERS = frozenset({"upcase", "downcase", "capitalize", "default", "truncate", "strip", "size"})
MAX_SOURCE_BYTES = 65_536
MAX_SUBJECT_SOURCE = 500
MAX_SUBJECT = 250

# Names the parser itself needs; none can be written in a template.
_PARSER_TAGS = frozenset({"content", "output", "illegal"})
# What parsing or rendering a text may raise: int() refuses 5 000 digits, a chain of 10 000 `and` is too deep.
_FAILURES = (LiquidError, ValueError, TypeError, ArithmeticError, RecursionError)
_SAMPLE: dict[str, Value] = {**dict.fromkeys(VARIABLES, "12"), LIST: [dict.fromkeys(ITEM_FIELDS, "12")] * MOST_LISTED}
# Control characters, which would break headers or terminals; a body keeps line feeds and tabs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class RenderError(Exception):
    """A template and these values make no text; says why."""


class TextTooLong(RenderError):
    """The text is longer than its channel takes."""


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


def render_subject(source: str, variables: Mapping[str, Value]) -> str:
    """One line without control characters, so that no value can add a header."""
    return _printable(" ".join(_rendered(source, variables).split()))[:MAX_SUBJECT]


def render_body(source: str, variables: Mapping[str, Value]) -> str:
    """Plain text with line feeds."""
    return _printable(_rendered(source, variables).replace("\r\n", "\n")).strip() + "\n"


def _printable(text: str) -> str:
    return _CONTROLS.sub("", text)


def lint(
    subject: str, body: str, *, channel: str = "email", sample: Mapping[str, Value] | None = None
) -> list[FieldError]:
    """What is wrong with a template, by JSON pointer and at most 20 of each part; empty means that it will render.

    With `sample` values its length for the channel is looked at too.
    """
    parts = [("/body", body, MAX_SOURCE_BYTES)]
    if subject.strip() or needs_subject(channel):
        parts.insert(0, ("/subject", subject, MAX_SUBJECT_SOURCE))
    faults = [fault for part in parts for fault in list(dict.fromkeys(_faults(*part)))[:20]]
    if subject.strip() and not allows_subject(channel):
        faults.append(FieldError("/subject", "subject_not_allowed", f"Texts for {channel} have no subject."))
    if not faults and sample is not None and (too_long := too_long_for(channel, render_body(body, sample))):
        faults.append(FieldError("/body", "text_too_long", too_long))
    return faults


def too_long_for(channel: str, text: str) -> str | None:
    """A sentence that says so if a rendered text is longer than its channel takes."""
    limit = limit_of(channel)
    length = limit.length_of(text)
    return f"{channel} takes {limit.most} {limit.unit}, this has {length}." if length > limit.most else None


@lru_cache(maxsize=1024)
def _outline(source: str) -> Outline:
    return Outline(compiled(source), frozenset(VARIABLES))


def _rendered(source: str, variables: Mapping[str, Value]) -> str:
    try:
        return _outline(source).text(variables, _Limited.output_stream_limit)
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
    for name in parsed.analyze(include_partials=False).filters:
        if name not in FILTERS:
            yield FieldError(
                pointer, "template_filter_not_allowed", f"The filter {name!r} is not one of {_list(FILTERS)}."
            )
    for code, detail in structure_faults(parsed, frozenset(VARIABLES)):
        yield FieldError(pointer, code, detail)


def _failing(pointer: str, parsed: BoundTemplate) -> Iterator[FieldError]:
    """Renders once with sample values, which finds comparisons of texts with numbers and outputs beyond the limits."""
    try:
        parsed.render(_SAMPLE)
    except ResourceLimitError as failed:
        yield FieldError(pointer, "template_too_costly", _sentence(failed))
    except _FAILURES as failed:
        yield FieldError(pointer, "template_does_not_render", _sentence(failed))


def _sentence(failed: Exception) -> str:
    message = str(failed.message if isinstance(failed, LiquidError) else failed).rstrip(".")
    return f"{message[:1].upper()}{message[1:200]}." if message else f"{type(failed).__name__}."


def _list(names: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(names))
