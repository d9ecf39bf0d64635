"""The reminder plan that the demo publishes: a friendly word, three notices, a call, and in the end a person of rank."""

from __future__ import annotations

from typing import Any

STEP_TIME = "09:00"
FIRST_OFFSET = -7
CALL_STEP = "call"
EMAIL_STEPS = ("friendly_reminder", "overdue_notice", "firm_notice", "final_notice")


def _step(key: str, offset_days: int, **action: str) -> dict[str, Any]:
    return {"key": key, "offset_days": offset_days, "time_of_day": STEP_TIME, "action": action}


REMINDER_PLAN: dict[str, Any] = {
    "name": "Standard reminders",
    "is_default": True,
    "steps": [
        _step("friendly_reminder", FIRST_OFFSET, type="email", template="friendly_reminder"),
        _step("overdue_notice", 3, type="email", template="overdue_notice"),
        _step("firm_notice", 15, type="email", template="firm_notice"),
        _step(
            CALL_STEP, 15, type="task", title="Call the customer about an overdue receivable", assignee="Sales manager"
        ),
        _step("final_notice", 30, type="email", template="final_notice"),
        _step("escalation", 60, type="escalation", level="legal"),
    ],
}
