"""`dunwell demo` from the outside: an undisturbed run, and one in which the worker is killed and Redis forgets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REAL_HISTORY = ROOT.parent / "shared" / "data" / "receivables_2012_2013h1.csv"
FAULTS, SEED = 3, 7
LONGEST_SECONDS = 600


class Run:
    """A demo in a process of its own; what came of it is waited for when it is first asked for."""

    def __init__(self, table: Path, *arguments: str, environment: dict[str, str]) -> None:
        self._table = table
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "demo", "--table", str(table), *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @cached_property
    def printed(self) -> str:
        printed, _ = self.process.communicate(timeout=LONGEST_SECONDS)
        assert self.process.returncode == 0, printed[-6000:]
        return printed

    @property
    def table(self) -> dict[str, Any]:
        assert self.printed
        table: dict[str, Any] = json.loads(self._table.read_text())
        return table


@dataclass(frozen=True, slots=True)
class Runs:
    """All at once, for the one with faults spends its time waiting until the leases of the dead expire."""

    sample: Run
    disturbed: Run
    real: Run | None
    real_count: int


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Only one may use the Redis of REDIS_URL, where that is set, and never the one that flushes it."""
    folder = tmp_path_factory.mktemp("demo")
    own_redis = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    faults = ("--faults", str(FAULTS), "--seed", str(SEED))
    kept = part_of_history(folder / "part.csv") if REAL_HISTORY.exists() else 0
    real = Run(folder / "real.json", "--file", str(folder / "part.csv"), environment=own_redis) if kept else None
    started = Runs(
        sample=Run(folder / "sample.json", environment=dict(os.environ)),
        disturbed=Run(folder / "disturbed.json", *faults, environment=own_redis),
        real=real,
        real_count=kept,
    )
    yield started
    for run in (started.sample, started.disturbed, started.real):
        if run is not None:
            run.process.terminate()
            run.process.communicate()


def part_of_history(part: Path) -> int:
    """Writes what is played and answers how many invoices that is: all of them where DUNWELL_WHOLE_HISTORY is 1, as `.ci/run`
    sets it, else those of two months, so that `make test` stays short."""
    lines = REAL_HISTORY.read_text(encoding="utf-8-sig").splitlines()
    whole = os.environ.get("DUNWELL_WHOLE_HISTORY") == "1"
    kept = [line for line in lines[1:] if whole or re.match(r"[12]/\d+/2012$", line.split(",")[4])]
    part.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")
    return len(kept)


def test_the_sample_is_played_and_everything_agrees(runs: Runs) -> None:
    printed, table = runs.sample.printed, runs.sample.table
    assert "Everything agrees" in printed
    assert "FAIL" not in printed
    assert sum(table["receivables"].values()) == 500
    assert set(table["notices"]) == {"friendly_reminder", "overdue_notice", "firm_notice", "final_notice"}
    assert set(table["payments"]) == {"in full", "in part", "more than owed"}
    assert table["escalations"]["legal"] > 0
    assert table["cases"]["escalated"] == table["escalations"]["legal"]
    assert {reason.split(": ")[1] for reason in table["not_reminded"]} >= {
        "superseded",
        "due_date_passed",
        "no_contact_address",
        "opted_out",
    }


def test_two_customers_are_told_in_full(runs: Runs) -> None:
    told = re.findall(r"^(\S.*: INV-\d{4}, .* due .*\n(?:  .*\n)+)", runs.sample.printed, re.MULTILINE)
    paid, escalated = told
    assert "overdue_notice" in paid
    assert "payment" in paid
    assert "now closed" in paid
    assert "escalation        raised: legal" in escalated
    assert "task for Sales manager" in escalated
    assert "now escalated" in escalated


def test_the_chapter_about_reminding_tells_plans_channels_hold_and_quiet_hours(runs: Runs) -> None:
    told = runs.sample.printed.partition("Reminding, on a tenant of its own")[2].partition("Money, on")[0]
    for wanted in (
        "Kestrel Instruments Inc gets the plan 'Key accounts', by a rule for the segment Key accounts",
        "sms         to +8613800006789: Dear Wang Fang, invoice INV-H",
        "Aliyun reports: the SMS is delivered",
        "claimed, sent and acknowledged by the CRM",
        "quiet_hours until 2026-03-13 09:00",
        "on_hold until 2026-03-17 00:00",
        "to our own group: Northgate Textiles Ltd",
        "done by email, after waiting for quiet_hours",
    ):
        assert wanted in told, wanted
    assert "6 notices of four channels arrived once each" in runs.sample.printed


def test_a_file_that_cannot_be_played_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "strange.csv"
    file.write_text("a,b\n1,2\n")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "demo", "--file", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "strange.mapping.json beside the file" in done.stderr) == (1, True)


def test_a_real_history_reminds_exactly_those_who_were_late(runs: Runs) -> None:
    if runs.real is None:
        pytest.skip("the real history is not beside this checkout (../shared/data)")
    assert (
        f"ok    the notices of {runs.real_count} invoices are those that the file alone leads to" in runs.real.printed
    )
    assert runs.real.table["receivables"] == {"paid": runs.real_count}
    assert runs.real.table["payments"] == {"in full": runs.real_count}


def test_killing_the_worker_and_flushing_redis_leave_the_table_the_same(runs: Runs) -> None:
    assert "Everything agrees" in runs.disturbed.printed
    undisturbed, disturbed = runs.sample.table, runs.disturbed.table
    assert (undisturbed.pop("faults"), disturbed.pop("faults")) == ([0, 0], [FAULTS, FAULTS])
    assert disturbed == undisturbed
