"""`dunwell demo` from the outside: an undisturbed run, and one in which the worker is killed and Redis forgets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REAL_HISTORY = ROOT.parent / "shared" / "data" / "receivables_2012_2013h1.csv"
Result = tuple[str, dict[str, Any]]
FAULTS, SEED = 3, 7
LONGEST_SECONDS = 600


def start(table: Path, *arguments: str, without: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "demo", "--table", str(table), *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != without},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(running: subprocess.Popen[str], table: Path) -> Result:
    """What a demo printed, and its table."""
    printed, _ = running.communicate(timeout=LONGEST_SECONDS)
    assert running.returncode == 0, printed[-6000:]
    return printed, json.loads(table.read_text())


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Result]]:
    """A run with faults, started first: it spends most of its time waiting for leases of the dead to expire.

    Its Redis is always one of its own, since that is flushed.
    """
    table = tmp_path_factory.mktemp("disturbed") / "table.json"
    with start(table, "--faults", str(FAULTS), "--seed", str(SEED), without="REDIS_URL") as running:
        yield lambda: finish(running, table)
        running.terminate()


@pytest.fixture(scope="module")
def undisturbed(disturbed: object, tmp_path_factory: pytest.TempPathFactory) -> Result:
    table = tmp_path_factory.mktemp("undisturbed") / "table.json"
    with start(table) as running:
        return finish(running, table)


def test_the_sample_is_played_and_everything_agrees(undisturbed: Result) -> None:
    printed, table = undisturbed
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


def test_two_customers_are_told_in_full(undisturbed: Result) -> None:
    printed, _ = undisturbed
    paid, escalated = re.findall(r"^(\S.*: INV-\d{4}, .* due .*\n(?:  .*\n)+)", printed, re.MULTILINE)
    assert "overdue_notice" in paid
    assert "payment" in paid
    assert "now closed" in paid
    assert "escalation        raised: legal" in escalated
    assert "task for Sales manager" in escalated
    assert "now escalated" in escalated


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


@pytest.mark.skipif(not REAL_HISTORY.exists(), reason="the real history is not beside this checkout")
def test_a_real_history_reminds_exactly_those_who_were_late(tmp_path: Path) -> None:
    """The first months of the file, so that the test stays short; `make demo FILE=` plays it all."""
    lines = REAL_HISTORY.read_text(encoding="utf-8-sig").splitlines()
    part = tmp_path / "part.csv"
    kept = [line for line in lines[1:] if re.match(r"[12]/\d+/2012$", line.split(",")[4])]
    part.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")

    result = tmp_path / "table.json"
    with start(result, "--file", str(part)) as running:
        printed, table = finish(running, result)

    assert f"ok    the notices of {len(kept)} invoices are those that the file alone leads to" in printed
    assert table["receivables"] == {"paid": len(kept)}
    assert table["payments"] == {"in full": len(kept)}


def test_killing_the_worker_and_flushing_redis_leave_the_table_the_same(
    undisturbed: Result, disturbed: Callable[[], Result]
) -> None:
    printed, table = disturbed()
    assert "Everything agrees" in printed
    assert table.pop("faults") == [FAULTS, FAULTS]
    assert table == {name: value for name, value in undisturbed[1].items() if name != "faults"}
