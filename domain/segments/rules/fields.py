"""PURE: what a segment may ask of a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from domain.kernel.predicate import Predicate, parse_predicate, predicate_from
from domain.kernel.predicate_values import Kind

METADATA = "metadata."
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_FIELDS: dict[str, Kind] = {
    "grade": "text",
    "tags": "texts",
    "locale": "text",
    "time_zone": "text",
    "name": "text",
    "external_id": "text",
    "owner_id": "text",
    "created_on": "date",
    "open_amount": "money",
    "overdue_amount": "money",
    "oldest_days_overdue": "number",
}
AMOUNTS = ("open_amount", "overdue_amount")


class _Fields(Mapping[str, Kind]):
    """The fields above, and a text for every key of the metadata: `metadata.region`."""

    def __getitem__(self, name: str) -> Kind:
        if name.startswith(METADATA) and _KEY.fullmatch(name.removeprefix(METADATA)):
            return "text"
        return _FIELDS[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_FIELDS)

    def __len__(self) -> int:
        return len(_FIELDS)


FIELDS: Mapping[str, Kind] = _Fields()
"""`locale` and `time_zone` are the tenant's where the customer has none, and `created_on` is a day of the tenant's calendar.

`open_amount` and `overdue_amount` are what the customer owes in the currency that is asked for; who owes nothing in it has no
such amount, and `is_null` asks whether nothing is owed at all. `oldest_days_overdue` is 0 where nothing is overdue. What is
contested counts in, what is not allocated is not taken off, and what is due provisionally is not overdue. `metadata.<key>` is a
text, number or truth value of the customer's metadata as a text.
"""


def parse(raw: Any) -> Predicate:
    """The predicate of a segment; raises InvalidInput with a pointer to every wrong place."""
    return parse_predicate(raw, FIELDS, "/predicate")


def stored(raw: Mapping[str, Any]) -> Predicate:
    """A predicate that was checked when it was stored."""
    return predicate_from(raw, FIELDS)
