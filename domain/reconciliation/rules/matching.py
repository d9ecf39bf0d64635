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
from typing import Literal, TypeVar

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
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _Known:
    """An item with all that it may be found by, worked out once."""

    written: str
    number: str
    own_names: frozenset[str]
    names: frozenset[str]
    amount: Decimal
    due_on: date | None


Keys = Callable[[_Known], Iterable[Hashable]]
"""Under what an item may be found."""
Names = Callable[[_Known], Iterable[str]]
"""Those among them that are names."""


def reconciled(ours: Sequence[OurItem], theirs: Sequence[TheirItem]) -> list[Finding]:
    """What is to be said of every line, in the order of the list, and then of what they do not list, by its due date.

    `ours` has all that was open, and of what was not at least whatever a line may mean. Each line and each receivable that was
    open comes up exactly once, so the differences sum to the difference of the totals.

    >>> ours = [OurItem(receivable_id="a", number="INV-01", open_amount=Decimal(10))]
    >>> [finding.kind for finding in reconciled(ours, [TheirItem(number="inv 1", amount=Decimal(9))])]
    ['amount_differs']
    """
    return _Matching(ours, theirs).findings()


def own_names_of(item: Item) -> frozenset[str]:
    """All by which an item may be called on the other side and that means no other one, normalised."""
    further = item.external_id if isinstance(item, OurItem) else item.reference
    return frozenset(name for name in (normalised(item.number), normalised(further)) if name)


def _known(item: Item) -> _Known:
    names = own = own_names_of(item)
    if isinstance(item, OurItem):
        # An order may have several receivables.
        order = normalised(item.order_reference)
        names = own | {order} if order else own
        return _Known(written(item.number), normalised(item.number), own, names, item.open_amount, item.due_on)
    return _Known(written(item.number), normalised(item.number), own, names, item.amount, item.due_on)


class _Matching:
    """One reconciliation while it is worked out: what is left of both sides, and which line turned out to be what."""

    def __init__(self, ours: Sequence[OurItem], theirs: Sequence[TheirItem]) -> None:
        self._ours, self._theirs = ours, theirs
        self._our_keys, self._their_keys = [*map(_known, ours)], [*map(_known, theirs)]
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
        self._by_name("reference", _names)
        self._mark_settled("reference", _own_names)
        self._mark_duplicates()
        self._decide("amount_and_due_on", _amount_and_due_on)
        for line in sorted(self._lines):
            self._say(line, "unknown_to_us")
        missing = sorted((self._ours[n] for n in self._open), key=_by_due_date)
        return [
            *(self._found[line] for line in range(len(self._theirs))),
            *(Finding(kind="missing_at_customer", ours=item) for item in missing),
        ]

    def _by_name(self, matched_by: MatchedBy, names: Names) -> None:
        """By a name; where several have it, as the parts of one invoice do, by what else is equal, and what is left by the name."""
        for further in (_nothing, _amount_and_due_on, _amount, _due_on, _nothing):
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
                alike = [(*_unlike(self._our_keys[one], self._their_keys[line]), line) for line in lines]
                self._match(one, min(alike)[-1], "number")

    def _mark_settled(self, matched_by: MatchedBy, names: Names) -> None:
        """Lines that mean what was not open; which of several does not matter, since nothing was open of any."""
        still_open = self._open_by(names)
        settled = _by_key(self._our_keys, self._settled, names)
        for line in sorted(self._lines):
            keys = sorted(names(self._their_keys[line]))
            left = [under for key in keys if (under := self._left_of(settled.get(key, [])))]
            if left and not any(key in still_open for key in keys):
                one = left[0].pop()
                self._settled.discard(one)
                self._say(line, "settled_since", matched_by, self._ours[one])

    def _left_of(self, settled: list[int]) -> list[int]:
        """The same list, ending in one that no line was found to mean yet, or empty."""
        while settled and settled[-1] not in self._settled:
            settled.pop()
        return settled

    def _mark_duplicates(self) -> None:
        """Lines with the number of another; not where some of ours with that number are left, which is a tie and no repetition."""
        ours = self._open_by(_as_normalised)
        seen = {self._their_keys[line].number for line in self._found}
        for line in sorted(self._lines):
            key = self._their_keys[line].number
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

    def _open_by(self, keys: Callable[[_Known], Iterable[K]]) -> dict[K, list[int]]:
        return _by_key(self._our_keys, self._open, keys)

    def _lines_by(self, keys: Callable[[_Known], Iterable[K]]) -> dict[K, list[int]]:
        return _by_key(self._their_keys, self._lines, keys)


def _by_key(items: Sequence[_Known], which: Iterable[int], keys: Callable[[_Known], Iterable[K]]) -> dict[K, list[int]]:
    found: dict[K, list[int]] = {}
    for n in sorted(which):
        for key in keys(items[n]):
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


def _as_written(item: _Known) -> list[str]:
    return [item.written] if item.written else []


def _as_normalised(item: _Known) -> list[str]:
    return [item.number] if item.number else []


def _own_names(item: _Known) -> frozenset[str]:
    return item.own_names


def _names(item: _Known) -> frozenset[str]:
    return item.names


def _amount_and_due_on(item: _Known) -> list[Hashable]:
    return [(item.amount, item.due_on)] if item.due_on else []


def _amount(item: _Known) -> list[Hashable]:
    return [item.amount]


def _due_on(item: _Known) -> list[Hashable]:
    return [item.due_on] if item.due_on else []


def _nothing(_: _Known) -> list[Hashable]:
    return [None]


def _combined(names: Names, further: Keys, item: _Known) -> list[Hashable]:
    return [(name, other) for name in names(item) for other in further(item)]


def _unlike(ours: _Known, theirs: _Known) -> tuple[bool, bool]:
    return ours.amount != theirs.amount, ours.due_on != theirs.due_on


def _by_due_date(item: OurItem) -> tuple[date, str]:
    return item.due_on or date.max, item.receivable_id
