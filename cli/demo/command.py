"""`dunwell demo`: the main job, end to end, with everything that the outside world saw checked against the API."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from cli.demo.client import ApiError, OperationFailedError
from cli.demo.history import History, read_history
from cli.demo.mapping import find_mapping
from cli.demo.report import final_table, table_lines, timeline_lines
from cli.demo.run import Disturbance, Played, play
from cli.demo.sample import SAMPLE_FILE
from cli.embedded_postgres import ServerUnavailableError
from cli.processes import ProcessFailedError
from cli.servers import throwaway_servers
from cli.stopping import stop_like_interrupt

SHOWN_DIFFERENCES = 10


@click.command()
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A history to play, as CSV.")
@click.option("--mapping", type=click.Path(dir_okay=False, path_type=Path), help="Which column is which, as JSON.")
@click.option("--table", "table_file", type=click.Path(path_type=Path), hidden=True, help="Write the table as JSON.")
@click.option("--faults", default=0, hidden=True, help="Kill the worker and flush Redis this often.")
@click.option("--seed", default=1, hidden=True, help="Where the faults happen.")
def demo(file: Path | None, mapping: Path | None, table_file: Path | None, faults: int, seed: int) -> None:
    """Play the main job: import, remind, receive money, escalate, and check what the world saw."""
    stop_like_interrupt()
    if faults and os.environ.get("REDIS_URL"):
        raise click.UsageError("--faults flushes Redis, so it only does that to one of its own: unset REDIS_URL")
    began = time.monotonic()
    chosen = file or SAMPLE_FILE
    try:
        history = read_history(chosen, find_mapping(chosen, mapping))
        _introduce(chosen, history)
        played = _play(chosen, history, Disturbance(count=faults, seed=seed) if faults else None)
    except (ValueError, ServerUnavailableError, ProcessFailedError, ApiError, OperationFailedError) as failed:
        raise click.ClickException(str(failed)) from failed
    except KeyboardInterrupt:
        raise click.ClickException("interrupted; everything that was started is stopped") from None
    if table_file is not None:
        table_file.write_bytes(msgspec.json.encode({**asdict(final_table(played.books)), "faults": played.faults}))
    sound = _tell(played)
    print(f"\n{'Everything agrees' if sound else 'SOMETHING DIFFERS'}, after {time.monotonic() - began:.1f} s.")
    sys.exit(0 if sound else 1)


def _play(file: Path, history: History, disturbance: Disturbance | None) -> Played:
    with tempfile.TemporaryDirectory(prefix="dunwell-logs-") as logs, throwaway_servers("demo") as urls:
        print("PostgreSQL and Redis are up, starting the API and a worker ...", flush=True)
        return asyncio.run(play(file, history, urls, Path(logs), disturbance))


def _introduce(file: Path, history: History) -> None:
    days = (history.end_on - history.start_on).days
    print(f"{file.name}: {history.invoice_count} receivables of {len(history.debtors)} customers,")
    print(f"played from {history.start_on} to {history.end_on} ({days} days) on a sandbox tenant's test clock.\n")


def _tell(played: Played) -> bool:
    """Prints the end of the story; whether everything agreed."""
    for case, timeline in played.timelines:
        print()
        print("\n".join(timeline_lines(case, timeline, played.books)))
    print("\nReminding, on a tenant of its own: two plans, four channels, a hold, quiet hours (times of Shanghai):")
    print("\n".join(played.reminding.lines))
    print("\nWhy one of them was reminded so, as the API explains it:")
    print("\n".join(played.reminding.explanation))
    print("\nMoney, on a tenant of its own:")
    print("\n".join(played.money))
    print()
    print("\n".join(table_lines(final_table(played.books), played.outside, played.books)))
    print()
    for check in played.checks:
        print(f"  {'ok  ' if not check.differences else 'FAIL'}  {check.title}")
        for difference in check.differences[:SHOWN_DIFFERENCES]:
            print(f"          {difference}")
        if len(check.differences) > SHOWN_DIFFERENCES:
            print(f"          ... and {len(check.differences) - SHOWN_DIFFERENCES} more")
    return not any(check.differences for check in played.checks)
