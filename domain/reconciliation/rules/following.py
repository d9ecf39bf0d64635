"""PURE: what may be done about a difference: it goes from open over in progress to resolved, and never back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.kernel.errors import Conflict, FieldError, InvalidInput
from domain.ledger.rules.references import has_control_characters
from domain.reconciliation.model import Reconciliation, ReconciliationItem

LONGEST_NOTE = 2000
_ORDER = ("open", "in_progress", "resolved")


def followed_up(item: ReconciliationItem, changes: dict[str, Any], now: datetime) -> ReconciliationItem:
    """The item with the given ones among state, owner_id, resolution and note; itself where nothing changes.

    Raises InvalidInput, and Conflict (`not_a_difference`, `difference_resolved`, `state_backwards`).
    """
    check_changes(changes)
    if item.state is None:
        raise Conflict("not_a_difference", "The line matches; there is nothing to resolve.")
    if item.state == "resolved":
        raise Conflict("difference_resolved", "The difference is resolved and stays as it is.")
    changed = replace(item, **changes)
    if changed == item:
        return item
    assert changed.state is not None
    if _ORDER.index(changed.state) < _ORDER.index(item.state):
        raise Conflict("state_backwards", f"A difference that is {item.state} does not become {changed.state} again.")
    _check_resolution(changed)
    resolved_at = now if changed.state == "resolved" else None
    return replace(changed, resolved_at=resolved_at, version=item.version + 1, updated_at=now)


def after_resolving(whole: Reconciliation, now: datetime) -> Reconciliation:
    """The reconciliation with one difference less to be resolved."""
    left = whole.unresolved_count - 1
    changed = replace(whole, unresolved_count=left, version=whole.version + 1, updated_at=now)
    return changed if left else replace(changed, state="completed", completed_at=now)


def check_changes(changes: dict[str, Any]) -> None:
    """Raises InvalidInput for what no difference can take."""
    if "state" in changes and changes["state"] not in _ORDER:
        raise InvalidInput.at("/state", "invalid_value", f"state is one of {', '.join(_ORDER)}.")
    note = changes.get("note")
    if note is not None and not 1 <= len(note) <= LONGEST_NOTE:
        raise InvalidInput.at("/note", "length_out_of_range", f"note has 1 to {LONGEST_NOTE} characters.")
    if note is not None and has_control_characters(note.replace("\n", "").replace("\t", "")):
        raise InvalidInput.at("/note", "control_character", "Control characters are not part of a note.")


def _check_resolution(changed: ReconciliationItem) -> None:
    errors: list[FieldError] = []
    if changed.state == "resolved" and changed.resolution is None:
        errors.append(FieldError("/resolution", "missing_field", "A resolved difference says how it was resolved."))
    if changed.state != "resolved" and changed.resolution is not None:
        errors.append(FieldError("/resolution", "not_resolved", "Only a resolved difference has a resolution."))
    if changed.resolution == "other" and changed.note is None:
        errors.append(FieldError("/note", "missing_field", "Resolved in another way: the note says how."))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
