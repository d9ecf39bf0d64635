"""Which notices a history must lead to, computed from the file alone: no API, no engine, nothing of Dunwell is imported."""

from __future__ import annotations

import csv
from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path

OFFSETS = {"friendly_reminder": -7, "overdue_notice": 3, "firm_notice": 15, "final_notice": 30}


def expected_notices(
    file: Path,
    *,
    invoice: str,
    customer: str,
    issued: str,
    due: str,
    settled: str,
    pattern: str,
    since: date,
    until: date,
    not_judged: Collection[str] = (),
) -> dict[str, list[str]]:
    """The steps that each invoice is reminded by: those whose day comes before the money does and before `until`.

    Only invoices are judged that were in the books before their first step, of customers not in `not_judged`.
    """
    notices: dict[str, list[str]] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            due_on = datetime.strptime(row[due], pattern).date()  # noqa: DTZ007
            issued_on = datetime.strptime(row[issued], pattern).date()  # noqa: DTZ007
            paid_on = datetime.strptime(row[settled], pattern).date() if row[settled] else date.max  # noqa: DTZ007
            if due_on + timedelta(days=-7) >= max(issued_on, since) and row[customer] not in not_judged:
                days = {step: due_on + timedelta(days=offset) for step, offset in OFFSETS.items()}
                notices[row[invoice]] = [step for step, day in days.items() if day < min(paid_on, until)]
    return notices
