"""PURE: which numbers of receivables a remittance text may hold, in the form in which the database compares them.

The form is the text in NFKC with ASCII letters in lower case and without separators, as the column `number_key` holds
it of a receivable's number: `INV-2026/001` is `inv2026001`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

SEPARATORS = " -_/.:#"
_MOST_WORDS, _LONGEST_RUN, _SHORTEST, _SHORTEST_DIGITS = 80, 6, 4, 5
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_DROPPED = str.maketrans("", "", SEPARATORS)
# Latin letters and digits are a word; other scripts end one, since nobody puts blanks around a number in Chinese.
_WORD = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_BETWEEN = re.compile(r"[ \-_/.:#]*")
_TIGHT = re.compile(r"[-_/.:#]*")


class Run(NamedTuple):
    """Some consecutive words of a text as one key. A tight run was written without blanks, so what it holds is no other number."""

    key: str
    first: int
    last: int
    is_tight: bool


def key_of(text: str) -> str:
    """The form in which numbers are compared.

    >>> key_of("INV-2026/001")
    'inv2026001'
    """
    return normalised(text).translate(_DROPPED)


def normalised(text: str) -> str:
    """NFKC with ASCII letters in lower case, which PostgreSQL's collation "C" does alike."""
    return unicodedata.normalize("NFKC", text).translate(_LOWER)


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """A payer's name for comparison: letters and digits alone.

    >>> name_key("Lanhai Trading Co., Ltd.")
    'lanhaitradingcoltd'
    """
    return "".join(character for character in normalised(name).casefold() if character.isalnum())


def runs_of(text: str) -> list[Run]:
    """Every run of words that may be a number: not too short, and with a digit in it.

    >>> [run.key for run in runs_of("Rechnung INV-10, danke")]
    ['rechnunginv10', 'inv10']
    """
    plain = normalised(text)
    found = list(_WORD.finditer(plain))[:_MOST_WORDS]
    words = [word[0] for word in found]
    has_digit = [any(map(str.isdigit, word)) for word in words]
    gaps = [plain[one.end() : other.start()] for one, other in pairwise(found)]
    is_joined = [True, *(_BETWEEN.fullmatch(gap) is not None for gap in gaps)]
    is_close = [True, *(_TIGHT.fullmatch(gap) is not None for gap in gaps)]
    runs: list[Run] = []
    for first, word in enumerate(words):
        key, is_tight, is_numbered = word, True, has_digit[first]
        for last in range(first, min(first + _LONGEST_RUN, len(words))):
            if last > first:
                if not is_joined[last]:
                    break
                key += words[last]
                is_tight, is_numbered = is_tight and is_close[last], is_numbered or has_digit[last]
            if is_numbered and _is_long_enough(key):
                runs.append(Run(key, first, last, is_tight))
    return runs


def _is_long_enough(key: str) -> bool:
    """Whether a key with a digit in it means something: digits alone may be a year or a day."""
    return len(key) >= (_SHORTEST_DIGITS if key.isdigit() else _SHORTEST)


def without_parts(found: list[Run]) -> list[Run]:
    """The runs that were found, but for those that are only a part of a longer one written as one word."""
    tight = [run for run in found if run.is_tight]
    return [
        run
        for run in found
        if not any(
            longer.first <= run.first and run.last <= longer.last and longer.last - longer.first > run.last - run.first
            for longer in tight
        )
    ]
