"""`python -m bench [name ...]`: runs the named benchmarks, or all."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from bench import access, aging, bank, clock, dunning, gate, importing, paying, read, sending, two_workers
from bench.harness import report
from cli.servers import throwaway_servers
from domain.kernel.logs import configure_logs
from workers.memory import suit_batches

BENCHMARKS = {
    "access": access.run,
    "gate": gate.run,
    "read": read.run,
    "importing": importing.run,
    "paying": paying.run,
    "dunning": dunning.run,
    "clock": clock.run,
    "two_workers": two_workers.run,
    "sending": sending.run,
    "aging": aging.run,
    "bank": bank.run,
}
# A quarter of the memory of a small server for nothing but PostgreSQL, as its manual advises (20.4.1); the default is for a desk.
SHARED_BUFFERS = "2GB"
# What workers do runs here on the loop that they run on; the load generator's connections are asyncio's own.
ON_UVLOOP = {"importing", "paying", "dunning", "clock", "sending", "bank"}


def main(names: list[str]) -> int:
    """0 if every limit was met."""
    configure_logs("WARNING")
    suit_batches()
    missed = 0
    for name in names or list(BENCHMARKS):
        print(f"{name}: {(sys.modules[f'bench.{name}'].__doc__ or '').splitlines()[0]}", flush=True)
        run = uvloop.run if name in ON_UVLOOP else asyncio.run
        with throwaway_servers("bench", shared_buffers=SHARED_BUFFERS) as urls:
            figures = run(BENCHMARKS[name](urls))
        report(figures, name)
        missed += sum(not figure.met for figure in figures)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
