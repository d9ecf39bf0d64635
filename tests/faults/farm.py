"""Workers in processes that are forked from one that has imported everything, so that losing one costs milliseconds."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import random
import signal
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from domain.kernel.settings import Settings
from domain.messaging import outbox
from domain.operations import work
from workers import main as workers

_FORKS = multiprocessing.get_context("forkserver")
_PR_SET_PDEATHSIG = 1
# A dead worker's leases run out sooner than in production, so that a thousand deaths fit into minutes.
_LEASE = timedelta(seconds=1)


class Farm:
    """Some workers; one that was killed is replaced at once."""

    def __init__(self, environment: Mapping[str, str], count: int, log: Path) -> None:
        self._environment = dict(environment)
        self._log = log
        self._count = count
        self._workers: list[BaseProcess] = []
        self.kills = 0

    def start(self) -> None:
        """Start all that are missing."""
        _FORKS.set_forkserver_preload(["tests.faults.farm"])
        self._workers = [one for one in self._workers if one.is_alive()]
        while len(self._workers) < self._count:
            worker = _FORKS.Process(target=_work, args=(self._environment, str(self._log)), daemon=True)
            worker.start()
            self._workers.append(worker)

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL one of them wherever it is, and start another."""
        victim = chance.choice(self._workers)
        if victim.pid is not None and victim.is_alive():
            os.kill(victim.pid, signal.SIGKILL)
            self.kills += 1
        victim.join()
        self.start()

    def stop(self) -> None:
        """Kill all of them."""
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.join()
        self._workers = []


def _work(environment: dict[str, str], log: str) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    outbox.LEASE = work.LEASE = _LEASE
    workers.run(Settings.from_environment(environment))
