"""Every ladder that the source articles ask for, as plan data: it is well formed, leads somewhere, and acts on its days."""

from __future__ import annotations

from typing import Any

import pytest

from domain.dunning.rules.lint import faults_of_ladder
from domain.dunning.rules.projection import project
from domain.kernel.calendar import local_date
from tests.rules.ladders import DUE, day, facts, ladder, step, task, when

ESCALATED = {"type": "escalation", "level": "management"}
LEGAL = {"type": "escalation", "level": "legal"}
AGENCY = {"type": "escalation", "level": "agency"}


def notice(key: str, offset: int, *channels: str, **more: Any) -> dict[str, Any]:
    action = {name: more.pop(name) for name in ("tone", "letter", "new_due_days", "recipients") if name in more}
    return step(key, offset, action={"type": "notice", "channels": list(channels), "template": key, **action}, **more)


def role(key: str, offset: int, who: str, **more: Any) -> dict[str, Any]:
    return step(key, offset, action={"type": "task", "title": key, "role": who}, **more)


BIG = when("open_amount", "gte", {"amount": "100000.00", "currency": "CNY"})
SILENT = {"when": when("last_notice_state", "ne", "replied"), "go_to": "raise"}
LADDERS: dict[str, tuple[list[dict[str, Any]], list[int]]] = {
    "L1": (
        [
            notice("friendly", -7, "email"),
            notice("sms", 3, "sms"),
            role("manager", 15, "sales_manager"),
            step("cfo", 61, action=ESCALATED),
        ],
        [-7, 3, 15, 61],
    ),
    "L3": (
        [
            notice("mail", 1, "email", "sms", tone="friendly"),
            role("first_call", 7, "sales"),
            role("manager", 16, "sales_manager"),
            notice("demand", 30, "email", tone="firm"),
            notice("stern", 46, "letter", "email", tone="final_notice", letter=True, new_due_days=14),
        ],
        [1, 7, 16, 30, 46],
    ),
    "L4": (
        [
            step("gate", 121, action={"type": "approval", "title": "Go to court?"}, requires_approval=True),
            step("court", 0, relative_to="previous_step", action=LEGAL),
        ],
        [],
    ),
    "L5": ([notice("three", -3, "sms"), notice("one", -1, "sms"), notice("late", 1, "sms")], [-3, -1, 1]),
    "L6": ([notice("week", -7, "email"), notice("due", 0, "email", tone="formal")], [-7, 0]),
    "L7": (
        [notice("sms", 1, "sms"), task("phone", 11), notice("lawyer", 31, "letter", "email", letter=True)],
        [1, 11, 31],
    ),
    "L8": ([notice("before", -3, "email"), notice("today", 0, "email")], [-3, 0]),
    "L10": (
        [
            notice("soft", 1, "email", tone="friendly"),
            notice("urgent", 10, "email", tone="firm"),
            notice("final", 30, "email", tone="final_notice", requires_approval=False),
        ],
        [1, 10, 30],
    ),
    "L11": (
        [
            notice("sms", 1, "sms"),
            task("phone", 7),
            notice("lawyer", 30, "letter", "email"),
            step("agency", 90, action=AGENCY),
        ],
        [1, 7, 30, 90],
    ),
    "L12": ([role("visit", 60, "sales", condition=BIG)], [60]),
    "L13": (
        [role("own", -14, "account_manager", condition=BIG), notice("mail", -3, "email"), notice("late", 1, "email")],
        [-14, -3, 1],
    ),
    "L14": (
        [
            notice("mail", 1, "email"),
            task("look", 4, branches=[{"when": when("last_notice_state", "eq", "read"), "go_to": "later"}]),
            notice("other_way", 4, "sms"),
            notice("later", 10, "email"),
        ],
        [1, 4, 4, 10],
    ),
    "L15": (
        [
            notice("mail", 1, "email"),
            task("wait", 8, branches=[SILENT]),
            task("thank", 9),
            step("raise", 10, action=ESCALATED),
        ],
        [1, 8, 8, 10],
    ),
    "L17": ([notice("mail", 1, "email"), notice("final", 30, "email", requires_approval=True)], [1]),
}


@pytest.mark.parametrize("name", LADDERS)
def test_a_ladder_of_the_articles_is_plan_data(name: str) -> None:
    raw, days = LADDERS[name]
    steps = ladder(*raw)
    assert faults_of_ladder(steps) == []
    outlook = project(steps, facts(), day(-30))
    assert [(local_date(one.at, "Asia/Shanghai") - DUE).days for one in outlook.expected] == days
    assert len(outlook.expected) + len(outlook.waiting) == len(steps)
