"""PURE: texts within the limits of providers, which count bytes of UTF-8."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

ELLIPSIS = "…"
_MENTION = re.compile(r"<(?=\s*/?\s*(?:@|at\b))", re.IGNORECASE)


def utf8_size(text: str) -> int:
    """Bytes of the text as such."""
    return len(text.encode("utf-8", "replace"))


def json_size(text: str) -> int:
    """Bytes of the text as a JSON string without its quotes: line feeds and quotes count twice."""
    return len(msgspec.json.encode(_encodable(text))) - 2


def cut(text: str, most: int, size: Callable[[str], int] = utf8_size) -> str:
    """The text, or as many whole characters of it as fit into `most` bytes with an ellipsis behind them.

    >>> cut("应收账款", 9)
    '应收…'
    """
    text = _encodable(text)
    if size(text) <= most:
        return text
    room, low, high = most - size(ELLIPSIS), 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= room else (low, middle - 1)
    return text[:low] + ELLIPSIS if room >= 0 else ""


def titled(subject: str, body: str) -> str:
    """Both as one text, for providers that know no title."""
    return f"{subject}\n\n{body.strip()}" if subject else body.strip()


def without_mentions(text: str) -> str:
    """The text in which `<@all>` or `<at ...>`, perhaps out of a customer's name, calls nobody."""
    return _MENTION.sub("‹", text)


def _encodable(text: str) -> str:
    """Lone surrogates have no bytes in UTF-8."""
    return text.encode("utf-8", "replace").decode()
