"""The short form of the trial: some dozens of deaths, a crash of PostgreSQL and flushes of Redis among debts and payments."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys

_KILLS = 30


def test_every_reminder_goes_out_exactly_once_whoever_dies() -> None:
    # In a process of its own: its database and its keys are not those of the other tests.
    command = [sys.executable, "-m", "tests.faults", "--kills", str(_KILLS), "--seed", str(secrets.randbelow(10**6))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["violations"] == [], report
    assert report["kills"] >= _KILLS
    assert report["crashes"] > 0
    assert report["flushes"] > 0
    assert report["arrived"] > 0
    assert report["payments"] > 0
    assert report["holds"] > 0
    assert report["sent_by_crm"] > 0
