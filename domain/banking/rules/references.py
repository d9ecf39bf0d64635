"""PURE: which numbers of receivables a remittance text may hold, in the form in which the database compares them.

The form is the text in NFKC with ASCII letters in lower case and without separators, as the column `number_key` holds
it of a receivable's number: `INV-2026/001` is `inv2026001`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SEPARATORS = " -_/.:#"
_MOST_WORDS, _LONGEST_RUN, _SHORTEST, _SHORTEST_DIGITS = 80, 6, 4, 5
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_DROPPED = str.maketrans("", "", SEPARATORS)
# Latin letters and digits are a word; other scripts end one, since nobody puts blanks around a number in Chinese.
_WORD = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_BETWEEN = re.compile(r"[ \-_/.:#]*")
_TIGHT = re.compile(r"[-_/.:#]*")


@dataclass(frozen=True, slots=True)
class Run:
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
    words = list(_WORD.finditer(plain))[:_MOST_WORDS]
    runs: list[Run] = []
    for first, word in enumerate(words):
        key, is_tight = word[0], True
        for last in range(first, min(first + _LONGEST_RUN, len(words))):
            if last > first:
                between = plain[words[last - 1].end() : words[last].start()]
                if not _BETWEEN.fullmatch(between):
                    break
                is_tight = is_tight and _TIGHT.fullmatch(between) is not None
                key += words[last][0]
            if is_number(key):
                runs.append(Run(key, first, last, is_tight))
    return runs


def is_number(key: str) -> bool:
    """Whether a key is long enough to mean something: digits alone may be a year or a day."""
    if not any(map(str.isdigit, key)):
        return False
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
