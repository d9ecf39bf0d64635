"""The supervisor: what dies is started again, what does not stay is given up, what is stopped is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.processes import ManagedProcess, ProcessFailedError, free_port, is_free

# Says that it runs by a line, then waits for its end. The second does not listen to SIGTERM.
WAITS = "import signal; print('up', flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{WAITS}\nsignal.pause()"
DIES = "import sys; sys.exit('no database here')"


def process(program: str, log: Path) -> ManagedProcess:
    return ManagedProcess("it", [sys.executable, "-c", program], environment=os.environ, log=log)


async def until_lines(log: Path, count: int) -> None:
    async with asyncio.timeout(20):
        while not log.exists() or log.read_text().count("up") < count:
            await asyncio.sleep(0.01)


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    managed = process(WAITS, tmp_path / "log")
    await managed.start()
    await until_lines(managed.log, 1)
    first = managed.pid
    managed.kill()
    await until_lines(managed.log, 2)
    assert managed.restart_count == 1
    assert managed.pid not in (None, first)
    await managed.stop()


async def test_a_stopped_process_is_gone_and_stays_gone(tmp_path: Path) -> None:
    managed = process(WAITS, tmp_path / "log")
    await managed.start()
    await until_lines(managed.log, 1)
    pid = managed.pid
    assert pid is not None
    await managed.stop()
    await managed.stop()
    assert managed.pid is None
    assert managed.restart_count == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_one_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.processes.STOP_SECONDS", 0.2)
    managed = process(DEAF, tmp_path / "log")
    await managed.start()
    await until_lines(managed.log, 1)
    pid = managed.pid
    assert pid is not None
    await managed.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_one_that_keeps_dying_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    managed = process(DIES, tmp_path / "log")
    await managed.start()
    async with asyncio.timeout(60):
        await managed.given_up()
    with pytest.raises(ProcessFailedError, match="no database here"):
        managed.raise_if_failed()
    await managed.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal
from pathlib import Path
from cli.processes import ManagedProcess
async def main():
    child = ManagedProcess("it", [{sys.executable!r}, "-c", {WAITS!r}], environment=os.environ, log=Path({str(tmp_path / "log")!r}))
    await child.start()
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    gone = subprocess.run(["tail", f"--pid={int(killed.stdout)}", "-f", "/dev/null"], timeout=20, check=False)
    assert gone.returncode == 0


def test_a_free_port_is_free_until_somebody_listens() -> None:
    port = free_port()
    assert is_free(port)
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import socket; s = socket.create_server(('127.0.0.1', {port})); print(flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as listener:
        assert listener.stdout is not None
        listener.stdout.readline()
        assert not is_free(port)
        listener.communicate(b"\n")
