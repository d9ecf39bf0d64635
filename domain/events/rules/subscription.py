"""PURE: which event types an endpoint has asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from domain.kernel.errors import FieldError

MAX_TYPES = 100


def wants(event_types: Sequence[str], event_type: str) -> bool:
    """Whether an endpoint gets an event: no types mean all of them, `receivable.*` means all of that object.

    >>> wants([], "case.opened"), wants(["receivable.*"], "receivable.paid"), wants(["receivable.*"], "case.opened")
    (True, True, False)
    """
    if not event_types:
        return True
    return event_type in event_types or f"{event_type.partition('.')[0]}.*" in event_types


def type_errors(event_types: Sequence[str], known: Collection[str]) -> list[FieldError]:
    """What is wrong with the types asked for: each must be known, or be an object's name followed by `.*`."""
    if len(event_types) > MAX_TYPES:
        return [FieldError("/event_types", "too_many_event_types", f"At most {MAX_TYPES} event types can be listed.")]
    allowed = {*known, *(f"{kind.partition('.')[0]}.*" for kind in known)}
    return [
        FieldError(f"/event_types/{n}", "unknown_event_type", f"{kind[:100]!r} is not an event type.")
        for n, kind in enumerate(event_types)
        if kind not in allowed
    ]
