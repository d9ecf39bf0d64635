"""The embedded servers: really started, really stopped, found again, and left alone when others are named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from cli.servers import EmbeddedServers, own_database, query_value, run_sql, stable_directory, sweep, throwaway_servers

NOTHING_NAMED: dict[str, str] = {}


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path, for unix sockets have a limit."""
    with tempfile.TemporaryDirectory(prefix="dws-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def postmaster(directory: Path) -> int:
    return int((directory / "pg" / "postmaster.pid").read_text().splitlines()[0])


def is_running(pid: int) -> bool:
    """Whether the process does anything yet; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_data_is_found_again_after_stop_and_start(directory: Path) -> None:
    servers = EmbeddedServers(directory, environ=NOTHING_NAMED)
    with servers as urls:
        run_sql(urls.database_url, "create table kept as select 42 as answer")
    with servers as urls:
        assert query_value(urls.database_url, "select answer from kept") == 42


def test_stop_ends_both_processes_and_may_be_repeated(directory: Path) -> None:
    servers = EmbeddedServers(directory, environ=NOTHING_NAMED)
    urls = servers.start()
    with Redis.from_url(urls.redis_url) as redis:
        redis_pid = int(redis.info("server")["process_id"])
    postgres_pid = postmaster(directory)
    assert is_running(postgres_pid)
    assert is_running(redis_pid)

    servers.stop()
    servers.stop()

    assert not is_running(postgres_pid)
    assert not is_running(redis_pid)
    assert not (directory / "redis.sock").exists()


def test_redis_keeps_nothing_and_listens_on_no_port(directory: Path) -> None:
    servers = EmbeddedServers(directory, environ=NOTHING_NAMED)
    with servers as urls, Redis.from_url(urls.redis_url) as redis:
        settings = {name: redis.config_get(name)[name] for name in ("port", "save", "appendonly")}
        assert settings == {"port": "0", "save": "", "appendonly": "no"}
        redis.set("wake", "up")
    with servers as urls, Redis.from_url(urls.redis_url) as redis:
        assert redis.get("wake") is None


def test_postgres_listens_on_its_socket_only(directory: Path) -> None:
    with EmbeddedServers(directory, environ=NOTHING_NAMED) as urls:
        assert query_value(urls.database_url, "show listen_addresses") == ""
        assert query_value(urls.database_url, "show unix_socket_directories") == str(directory / "pg")


def test_servers_of_a_killed_process_are_taken_over_and_stopped(directory: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from cli.servers import EmbeddedServers\n"
        "EmbeddedServers(Path(sys.argv[1]), environ={}).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(directory)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left_running = postmaster(directory)
    assert is_running(left_running)

    with EmbeddedServers(directory, environ=NOTHING_NAMED) as urls:
        assert postmaster(directory) == left_running
        assert query_value(urls.database_url, "select 1") == 1

    assert not is_running(left_running)


def test_servers_that_died_of_sigkill_are_started_anew(directory: Path) -> None:
    first = EmbeddedServers(directory, durable=True, environ=NOTHING_NAMED)
    urls = first.start()
    run_sql(urls.database_url, "create table kept as select 42 as answer")
    with Redis.from_url(urls.redis_url) as redis:
        os.kill(int(redis.info("server")["process_id"]), signal.SIGKILL)
    os.kill(postmaster(directory), signal.SIGKILL)

    with EmbeddedServers(directory, durable=True, environ=NOTHING_NAMED) as again:
        assert query_value(again.database_url, "select answer from kept") == 42
    first.stop()


def test_named_servers_are_used_and_nothing_is_started(directory: Path) -> None:
    named = {"DATABASE_URL": "postgresql://somebody@there/books", "REDIS_URL": "redis://there:6379/3"}
    servers = EmbeddedServers(directory, environ=named)
    with servers as urls:
        assert (urls.database_url, urls.redis_url) == (named["DATABASE_URL"], named["REDIS_URL"])
        assert list(directory.iterdir()) == []


def test_only_the_missing_server_is_started(directory: Path) -> None:
    with EmbeddedServers(directory, environ={"DATABASE_URL": "postgresql://somebody@there/books"}) as urls:
        assert urls.redis_url == f"unix://{directory}/redis.sock"
        assert not (directory / "pg").exists()


def test_a_database_of_its_own_is_dropped_afterwards(directory: Path) -> None:
    with EmbeddedServers(directory, environ=NOTHING_NAMED) as urls:
        with own_database(urls, "demo") as own:
            name = query_value(own.database_url, "select current_database()")
            assert str(name).startswith("dunwell_demo_")
        remaining = query_value(urls.database_url, f"select count(*) from pg_database where datname = '{name}'")
        assert remaining == 0


def test_throwaway_servers_leave_no_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with throwaway_servers("demo") as urls:
        directory = Path(urls.redis_url.removeprefix("unix://")).parent
        assert directory.is_dir()
    assert not directory.exists()


def test_what_a_killed_process_left_is_swept_away_and_what_is_in_use_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    program = (
        "import os, signal; from cli.servers import throwaway_servers\n"
        "with throwaway_servers('demo') as urls: print(urls.redis_url, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    with throwaway_servers("demo") as in_use:
        killed = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False)
        left = Path(killed.stdout.strip().removeprefix("unix://")).parent
        left_running = postmaster(left)
        assert is_running(left_running)

        sweep(left.parent)

        assert not left.exists()
        assert not is_running(left_running)
        assert query_value(in_use.database_url, "select 1") == 1


def test_the_same_checkout_gets_the_same_directory(tmp_path: Path) -> None:
    other = tmp_path / "other"
    own = stable_directory(tmp_path, "key")
    assert own == stable_directory(tmp_path / "." / "x" / "..", "key")
    assert own not in (stable_directory(other, "key"), stable_directory(tmp_path, "another key"))


def test_a_path_too_long_for_a_socket_is_refused() -> None:
    with pytest.raises(ValueError, match="too long for a unix socket"):
        EmbeddedServers(Path("/tmp") / ("d" * 90))
