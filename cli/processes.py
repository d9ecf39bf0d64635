"""Run the API and a worker as separate processes: started, waited for, restarted when they die, and surely stopped."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

DUNWELL = (sys.executable, "-m", "cli.main")
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.03
MOST_RESTARTS_IN_A_ROW = 5
SETTLED_SECONDS = 5.0
LOG_TAIL = 3000
_PR_SET_PDEATHSIG = 1


class ProcessFailedError(RuntimeError):
    """One of our processes did not start or did not stay; the message ends with what it logged last."""


class ManagedProcess:
    """One command in a process of its own, restarted as long as it is wanted."""

    def __init__(self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self.restart_count = 0
        self._command = command
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None
        self._guard: asyncio.Task[None] | None = None
        self._failed = asyncio.Event()

    async def start(self) -> None:
        """Start it and keep it running."""
        await self._spawn()
        self._guard = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """Ask it to end and make it end; may be called any number of times."""
        if self._guard is not None:
            self._guard.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._guard
            self._guard = None
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._signal(process, signal.SIGKILL)
            await process.wait()

    def kill(self) -> None:
        """SIGKILL it, as a machine that loses power would."""
        if self._process is not None and self._process.returncode is None:
            self._signal(self._process, signal.SIGKILL)

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    def raise_if_failed(self) -> None:
        """Raises ProcessFailedError once it was given up."""
        if self._failed.is_set():
            raise ProcessFailedError(f"{self.name} does not stay up:\n{self.last_words()}")

    async def given_up(self) -> None:
        """Waits until it does not stay up any more."""
        await self._failed.wait()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-LOG_TAIL:] if self.log.exists() else ""

    async def _spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,  # Ctrl-C reaches us only, and we stop things in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    async def _keep_running(self) -> None:
        deaths_in_a_row = 0
        while self._process is not None:
            began = time.monotonic()
            await self._process.wait()
            deaths_in_a_row = deaths_in_a_row + 1 if time.monotonic() - began < SETTLED_SECONDS else 1
            if deaths_in_a_row > MOST_RESTARTS_IN_A_ROW:
                self._failed.set()
                return
            self.restart_count += 1
            await self._spawn()

    def _signal(self, process: asyncio.subprocess.Process, number: int) -> None:
        """To the whole group, so that whatever it started ends with it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


class Services:
    """The API and one worker on the given servers, as an async context manager."""

    def __init__(self, environment: Mapping[str, str], *, logs: Path, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        everything = {**os.environ, **environment, "PUBLIC_URL": self.base_url, "PYTHONUNBUFFERED": "1"}
        serve = [*DUNWELL, "serve", "--host", "127.0.0.1", "--port", str(port)]
        self.api = ManagedProcess("the API", serve, environment=everything, log=logs / "api.log")
        self.worker = ManagedProcess(
            "the worker", [*DUNWELL, "worker"], environment=everything, log=logs / "worker.log"
        )

    async def start(self) -> None:
        """Start both and wait until the API is ready."""
        await self.api.start()
        await self.worker.start()
        deadline = time.monotonic() + READY_SECONDS
        async with aiohttp.ClientSession() as session:
            while not await _is_ready(session, f"{self.base_url}/readyz"):
                self.raise_if_failed()
                if time.monotonic() > deadline:
                    raise ProcessFailedError(f"the API did not become ready:\n{self.api.last_words()}")
                await asyncio.sleep(POLL_SECONDS)

    async def stop(self) -> None:
        """Stop both; may be called any number of times."""
        await asyncio.gather(self.api.stop(), self.worker.stop())

    def raise_if_failed(self) -> None:
        """Raises ProcessFailedError once either was given up."""
        self.api.raise_if_failed()
        self.worker.raise_if_failed()

    async def given_up(self) -> None:
        """Waits until either does not stay up any more."""
        waiting = [asyncio.create_task(one.given_up()) for one in (self.api, self.worker)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def run_dunwell(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Run one `dunwell` command to its end and return what it printed; raises ProcessFailedError if it fails."""
    done = subprocess.run(
        [*DUNWELL, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # an impatient Ctrl-C is ours to handle, not its
        check=False,
    )
    if done.returncode != 0:
        raise ProcessFailedError(f"`dunwell {' '.join(arguments)}` failed:\n{(done.stdout + done.stderr)[-LOG_TAIL:]}")
    return done.stdout


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether we could listen on that loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _die_with_parent() -> None:
    """Linux, between fork and exec: the child gets SIGTERM when we die, even of SIGKILL, so nothing is left behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
