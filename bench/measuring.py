"""What work takes: by the clock, in processor time of this process and of the database's, and in memory."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from cli.servers import ServerUrls
from domain.storage.bulk import insert_rows


@dataclass(frozen=True, slots=True)
class Measured:
    """What a piece of work took: seconds by the clock, and computed by this process and by its database connections."""

    count: int
    seconds: float
    python_seconds: float
    server_seconds: float | None

    @property
    def per_second(self) -> float:
        """By the clock, on whatever else the machine was doing."""
        return self.count / self.seconds

    @property
    def per_core(self) -> float:
        """Per second that one core works on it, in Python or in PostgreSQL; by the clock where the server's part is not known.

        The two take turns, so on a machine with nothing else to do this is what the clock says.
        """
        if self.server_seconds is None:
            return self.per_second
        return self.count / (self.python_seconds + self.server_seconds)

    @property
    def python_share(self) -> float:
        """How much of the computing was done here."""
        return self.python_seconds * self.per_core / self.count


async def measured(urls: ServerUrls, work: Callable[[], Awaitable[int]]) -> Measured:
    """Does `work`, which answers how much it was, and says what it took."""
    server_before = await _server_seconds(urls)
    python_before, began = time.process_time(), time.perf_counter()
    count = await work()
    seconds, python_seconds = time.perf_counter() - began, time.process_time() - python_before
    server_after = await _server_seconds(urls)
    if server_before is None or server_after is None:
        return Measured(count, seconds, python_seconds, None)
    server_seconds = sum(after - server_before.get(process, 0.0) for process, after in server_after.items())
    return Measured(count, seconds, python_seconds, server_seconds)


async def plain_inserts(urls: ServerUrls, table: str, rows: int, batch: int) -> Measured:
    """Stores the newest rows of `table` once more, into a bare copy that has its columns and its primary key and nothing else.

    One `insert ... select from unnest` and one commit for each `batch`, on raw asyncpg: the least that storing them takes.
    """
    connection = await asyncpg.connect(urls.database_url)
    try:
        await connection.execute(f"create table bare (like {table}); alter table bare add primary key (tenant_id, id)")
        columns = dict(
            await connection.fetch(
                "select attname, format_type(atttypid, null) from pg_attribute"
                " where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum",
                table,
            )
        )
        stored = [
            tuple(row) for row in await connection.fetch(f"select * from {table} order by id desc limit $1", rows)
        ]

        async def insert() -> int:
            for first in range(0, len(stored), batch):
                await insert_rows(connection, "bare", columns, stored[first : first + batch])
            return len(stored)

        return await measured(urls, insert)
    finally:
        await connection.execute("drop table if exists bare")
        await connection.close()


async def touch_shared_memory(urls: ServerUrls) -> None:
    """Writes as much as PostgreSQL keeps at hand, and drops it: a server that has run for a day has used all of its memory before.

    The system clears memory that is used for the first time, which took a fifth of the server's time for a due step.
    """
    connection = await asyncpg.connect(urls.database_url)
    try:
        pages = await connection.fetchval("select setting::bigint from pg_settings where name = 'shared_buffers'")
        await connection.execute("create unlogged table touching (filler text)")
        # Four rows fill a page.
        filling = "insert into touching select repeat('x', 1900) from generate_series(1, 4 * $1::bigint)"
        await connection.execute(filling, pages)
    finally:
        await connection.execute("drop table if exists touching")
        await connection.close()


def peak_megabytes() -> float:
    """The most memory this process has held; getrusage alone would count what its parent held when it started us."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def processor_seconds(process: int) -> float:
    """Computing time of a process so far; raises OSError where there is no /proc."""
    # The name of the program comes second and may hold blanks; user and system time are the 14th and 15th.
    fields = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _server_seconds(urls: ServerUrls) -> dict[int, float] | None:
    """Processor time of each connection to the database so far; None unless the server runs on this Linux."""
    connection = await asyncpg.connect(urls.database_url)
    try:
        rows = await connection.fetch(
            "select pid, datname from pg_stat_activity"
            " where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    try:
        return {row["pid"]: _processor_seconds(row["pid"], row["datname"]) for row in rows}
    except OSError:
        return None


def _processor_seconds(process: int, database: str) -> float:
    """Raises FileNotFoundError if the process is not a connection to `database` on this machine."""
    if database.encode() not in (Path("/proc") / str(process) / "cmdline").read_bytes():
        raise FileNotFoundError(process)
    return processor_seconds(process)
