"""What users of other systems complain about is told against this one: fifteen complaints, each by a scenario with its number."""

from __future__ import annotations

import re
from pathlib import Path

COMPLAINTS = {
    1: "a missed run is a reminder lost for ever, and existing debts are ignored",
    2: "reminders and fees are doubled when a job runs twice",
    3: "people are chased who have paid already",
    4: "reminders of one invoice or one customer cannot be stopped",
    5: "a promise to pay does not pause them",
    6: "fees and interest are not lawful, or lost",
    7: "a reminder is no document",
    8: "weekends, holidays, hours and time zones",
    9: "the ladder goes wrong when what it hangs on changes",
    10: "as many mails as invoices instead of one",
    11: "no tone that rises, no rules by segment",
    12: "a suspension is too coarse and for ever",
    13: "webhooks are unsigned, missing or not tried again",
    14: "webhooks are out of order and doubled",
    15: "payments, parts and assignments drift from reality",
}


def test_every_complaint_has_its_scenario() -> None:
    told = {
        int(number)
        for file in Path(__file__).parent.glob("test_*.py")
        for number in re.findall(r"^async def test_complaint_(\d\d)_", file.read_text(), re.MULTILINE)
    }
    assert told == set(COMPLAINTS)
