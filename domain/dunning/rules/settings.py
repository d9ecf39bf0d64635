"""PURE: what may be set for the reminders of one receivable."""

from __future__ import annotations

from domain.kernel.errors import InvalidInput

LONGEST_GRACE = 365
LONGEST_GAP = 365


def check_settings(grace_days: int | None, minimum_days_between: int | None) -> None:
    """Raises InvalidInput (`grace_days_out_of_range`, `minimum_days_out_of_range`); both are in calendar days."""
    if grace_days is not None and not 0 <= grace_days <= LONGEST_GRACE:
        raise InvalidInput.at("/grace_days", "grace_days_out_of_range", f"grace_days is 0 to {LONGEST_GRACE}.")
    if minimum_days_between is not None and not 1 <= minimum_days_between <= LONGEST_GAP:
        raise InvalidInput.at(
            "/minimum_days_between", "minimum_days_out_of_range", f"minimum_days_between is 1 to {LONGEST_GAP}."
        )
