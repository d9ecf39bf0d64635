"""PURE: a first look at a Liquid source that takes time in proportion to its length.

The library's lexer looks for the end of each `{{` by a regular expression, which takes minutes for 60 KB of unclosed ones or of
blanks between two braces. So everything the parser gets to see has closed, short and allowed markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TAGS = frozenset({"if", "unless", "case", "comment", "for"})
_WRITTEN = TAGS | {f"end{tag}" for tag in TAGS} | {"else", "elsif", "when"}
MAX_MARKUP = 300
MAX_MARKUPS = 500
_OPENING = re.compile(r"\{\{|\{%")
_NAME = re.compile(r"-?\s{0,99}(#|\w+)")


def markup_faults(source: str) -> Iterator[tuple[str, str]]:
    """Code and sentence of what is wrong with the markup as such, before it is parsed."""
    count, position = 0, 0
    while opening := _OPENING.search(source, position):
        tag = opening.group() == "{%"
        end = source.find("%}" if tag else "}}", opening.end())
        count += 1
        if end < 0:
            yield "template_syntax", f"A {opening.group()} is not closed."
            return
        if end - opening.end() > MAX_MARKUP:
            yield "template_too_costly", f"What stands between braces is longer than {MAX_MARKUP} characters."
        elif tag:
            yield from _tag_faults(source[opening.end() : end])
        position = end + 2
    if count > MAX_MARKUPS:
        yield "template_too_costly", f"There are more than {MAX_MARKUPS} tags and variables."


def _tag_faults(inner: str) -> Iterator[tuple[str, str]]:
    name = _NAME.match(inner)
    if name is None:
        yield "template_syntax", "A tag has no name."
    elif name.group(1) not in _WRITTEN:
        yield "template_tag_not_allowed", f"The tag {name.group(1)!r} is not one of {', '.join(sorted(TAGS))}."
