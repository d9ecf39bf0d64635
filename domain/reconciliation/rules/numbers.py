"""PURE: when two ways of writing a number of a document mean the same."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\W_]+")
_LEADING_ZEROS = re.compile(r"^([^0-9]*)0+(?=[0-9])")


def written(text: str | None) -> str:
    """A number as it is written, but for the width of its characters, case and the amount of blanks.

    >>> written(" ＩＮＶ－００１２ ")
    'inv-0012'
    """
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def normalised(text: str | None) -> str:
    """A number without what people write differently: width, case, spaces and separators, leading zeros.

    >>> [normalised(text) for text in ("ＩＮＶ－００１２", "inv 12", "000", "--", "2026/0012")]
    ['inv12', 'inv12', '0', '', '20260012']
    """
    bare = _SEPARATORS.sub("", written(text))
    return _LEADING_ZEROS.sub(r"\1", bare)
