"""PURE: which line of the customer's list is which receivable of ours, and what is to be said of each.

In this order: the number as it is written, the number without what people write differently, a reference or external id, the amount
together with the due date. A way decides only where it leads from one line to one receivable and back: a tie never decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Literal

from domain.reconciliation.rules.numbers import normalised, written

ItemKind = Literal[
    "matched", "amount_differs", "missing_at_customer", "unknown_to_us", "duplicate_in_list", "settled_since"
]
MatchedBy = Literal["number", "reference", "amount_and_due_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OurItem:
    """A receivable as it stood at the end of the day; nothing was open of one that was settled, or not yet issued.

    `due_on` is None while it is provisional: it says nothing yet.
    """

    receivable_id: str
    number: str
    external_id: str | None = None
    order_reference: str | None = None
    due_on: date | None = None
    open_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirItem:
    """A line of the customer's list."""

    number: str
    amount: Decimal
    due_on: date | None = None
    issued_on: date | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A line, a receivable, or both, and what is to be said of them."""

    kind: ItemKind
    matched_by: MatchedBy | None = None
    ours: OurItem | None = None
    theirs: TheirItem | None = None

    @property
    def difference(self) -> Decimal:
        """What was open with us less what they list: above zero, we have more."""
        ours = self.ours.open_amount if self.ours else Decimal(0)
        return ours - (self.theirs.amount if self.theirs else Decimal(0))


Item = OurItem | TheirItem
Keys = Callable[[Item], Iterable[Hashable]]
"""Under what an item may be found."""


def reconciled(ours: Sequence[OurItem], theirs: Sequence[TheirItem]) -> list[Finding]:
    """What is to be said of every line, in the order of the list, and then of what they do not list, by its due date.

    `ours` has all that was open, and of what was not at least whatever a line may mean. Each line and each receivable that was
    open comes up exactly once, so the differences sum to the difference of the totals.

    >>> ours = [OurItem(receivable_id="a", number="INV-01", open_amount=Decimal(10))]
    >>> [finding.kind for finding in reconciled(ours, [TheirItem(number="inv 1", amount=Decimal(9))])]
    ['amount_differs']
    """
    return _Matching(ours, theirs).findings()


def names_of(item: Item) -> set[str]:
    """All by which an item may be called on the other side, normalised; an order may have several receivables."""
    order = normalised(item.order_reference) if isinstance(item, OurItem) else ""
    return {*own_names_of(item), order} - {""}


def own_names_of(item: Item) -> set[str]:
    """Those of the names that mean no other item."""
    further = item.external_id if isinstance(item, OurItem) else item.reference
    return {normalised(item.number), normalised(further)} - {""}


class _Matching:
    """One reconciliation while it is worked out: what is left of both sides, and which line turned out to be what."""

    def __init__(self, ours: Sequence[OurItem], theirs: Sequence[TheirItem]) -> None:
        self._ours, self._theirs = ours, theirs
        self._open = {n for n, item in enumerate(ours) if item.open_amount}
        self._settled = set(range(len(ours))) - self._open
        self._lines = set(range(len(theirs)))
        self._found: dict[int, Finding] = {}

    def findings(self) -> list[Finding]:
        """All of it, worked out once."""
        for number in (_as_written, _as_normalised):
            self._by_name("number", number)
            self._match_repeated(number)
        self._mark_settled("number", _as_normalised)
        self._by_name("reference", names_of)
        self._mark_settled("reference", own_names_of)
        self._mark_duplicates()
        self._decide("amount_and_due_on", _amount_and_due_on)
        for line in sorted(self._lines):
            self._say(line, "unknown_to_us")
        missing = sorted((self._ours[n] for n in self._open), key=_by_due_date)
        return [
            *(self._found[line] for line in range(len(self._theirs))),
            *(Finding(kind="missing_at_customer", ours=item) for item in missing),
        ]

    def _by_name(self, matched_by: MatchedBy, names: Keys) -> None:
        """By a name; where several have it, as the parts of one invoice do, by what else is equal."""
        for further in (_amount_and_due_on, _amount, _due_on, _nothing):
            self._decide(matched_by, partial(_combined, names, further))

    def _decide(self, matched_by: MatchedBy, keys: Keys) -> None:
        for one, line in list(_pairs(self._open_by(keys), self._lines_by(keys))):
            self._match(one, line, matched_by)

    def _match_repeated(self, number: Keys) -> None:
        """One of ours is left under a number that several lines have: the line most like it stands, of equal ones the first."""
        ours = self._open_by(number)
        for key, lines in self._lines_by(number).items():
            if len(left := ours.get(key, [])) == 1:
                one = left[0]
                alike = [(*_unlike(self._ours[one], self._theirs[line]), line) for line in lines]
                self._match(one, min(alike)[-1], "number")

    def _mark_settled(self, matched_by: MatchedBy, names: Keys) -> None:
        """Lines that mean what was not open; which of several does not matter, since nothing was open of any."""
        still_open = self._open_by(names)
        settled = _by_key(((n, self._ours[n]) for n in sorted(self._settled)), names)
        for line in sorted(self._lines):
            keys = sorted(names(self._theirs[line]), key=str)
            meant = [n for key in keys for n in settled.get(key, ()) if n in self._settled]
            if meant and not any(key in still_open for key in keys):
                self._settled.discard(meant[0])
                self._say(line, "settled_since", matched_by, self._ours[meant[0]])

    def _mark_duplicates(self) -> None:
        """Lines with the number of another; not where some of ours with that number are left, which is a tie and no repetition."""
        ours = self._open_by(_as_normalised)
        seen = {normalised(self._theirs[line].number) for line in self._found}
        for line in sorted(self._lines):
            key = normalised(self._theirs[line].number)
            if key and key in seen and key not in ours:
                self._say(line, "duplicate_in_list")
            seen.add(key)

    def _match(self, one: int, line: int, matched_by: MatchedBy) -> None:
        item = self._ours[one]
        self._open.discard(one)
        is_equal = item.open_amount == self._theirs[line].amount
        self._say(line, "matched" if is_equal else "amount_differs", matched_by, item)

    def _say(self, line: int, kind: ItemKind, matched_by: MatchedBy | None = None, ours: OurItem | None = None) -> None:
        self._lines.discard(line)
        self._found[line] = Finding(kind=kind, matched_by=matched_by, ours=ours, theirs=self._theirs[line])

    def _open_by(self, keys: Keys) -> dict[Hashable, list[int]]:
        return _by_key(((n, self._ours[n]) for n in sorted(self._open)), keys)

    def _lines_by(self, keys: Keys) -> dict[Hashable, list[int]]:
        return _by_key(((n, self._theirs[n]) for n in sorted(self._lines)), keys)


def _by_key(items: Iterable[tuple[int, Item]], keys: Keys) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for n, item in items:
        for key in keys(item):
            found.setdefault(key, []).append(n)
    return found


def _pairs(ours: dict[Hashable, list[int]], lines: dict[Hashable, list[int]]) -> Iterator[tuple[int, int]]:
    """What keys lead to each other alone: a key of several, and one of two keys that disagree, decides nothing."""
    pairs = {
        (found[0], lines[key][0]) for key, found in ours.items() if len(found) == 1 and len(lines.get(key, ())) == 1
    }
    of_ones, of_lines = Counter(one for one, _ in pairs), Counter(line for _, line in pairs)
    for one, line in sorted(pairs):
        if of_ones[one] == 1 and of_lines[line] == 1:
            yield one, line


def _as_written(item: Item) -> list[str]:
    return [name] if (name := written(item.number)) else []


def _as_normalised(item: Item) -> list[str]:
    return [name] if (name := normalised(item.number)) else []


def _amount_of(item: Item) -> Decimal:
    return item.open_amount if isinstance(item, OurItem) else item.amount


def _amount_and_due_on(item: Item) -> list[Hashable]:
    return [(_amount_of(item), item.due_on)] if item.due_on else []


def _amount(item: Item) -> list[Hashable]:
    return [_amount_of(item)]


def _due_on(item: Item) -> list[Hashable]:
    return [item.due_on] if item.due_on else []


def _nothing(_: Item) -> list[Hashable]:
    return [None]


def _combined(names: Keys, further: Keys, item: Item) -> list[Hashable]:
    return [(name, other) for name in names(item) for other in further(item)]


def _unlike(ours: OurItem, theirs: TheirItem) -> tuple[bool, bool]:
    return ours.open_amount != theirs.amount, ours.due_on != theirs.due_on


def _by_due_date(item: OurItem) -> tuple[date, str]:
    return item.due_on or date.max, item.receivable_id
