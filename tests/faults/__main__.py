"""`python -m tests.faults --kills 1000 [--seed 7]`: the long form of the trial; ends with 1 if anything was violated."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from dataclasses import asdict
from pathlib import Path

import click

from tests.faults.trial import run_trial


@click.command()
@click.option("--kills", default=1000, show_default=True, help="How many workers are killed.")
@click.option(
    "--seed", type=int, default=None, help="What the faults are drawn from; another one each time if not given."
)
@click.option("--log", type=click.Path(path_type=Path), default=Path(os.devnull), help="Where the workers' log goes.")
def main(kills: int, seed: int | None, log: Path) -> None:
    """Kill workers, flush Redis and crash PostgreSQL, and see whether every reminder went out exactly once."""
    # The pool tells at length that PostgreSQL is down, which is what we do to it.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    report = asyncio.run(run_trial(kills, secrets.randbelow(10**6) if seed is None else seed, log))
    print(json.dumps(asdict(report), indent=2))  # noqa: T201
    raise SystemExit(1 if report.violations else 0)


if __name__ == "__main__":
    main()
