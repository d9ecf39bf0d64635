"""Provide PostgreSQL and Redis: those that DATABASE_URL and REDIS_URL name, else private ones out of Python wheels."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from cli.embedded_postgres import EmbeddedPostgres, ServerUnavailableError
from cli.embedded_redis import EmbeddedRedis

SOCKET_PATH_LIMIT = 100  # the system allows 103 to 107 bytes
SOCKET_SUFFIX = "/pg/.s.PGSQL.5432.lock"
CLAIM = "owner.lock"
LONGEST_NAME = "dunwell-demo-1234567890-0123456789ab"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUrls:
    """Where the servers are."""

    database_url: str
    redis_url: str

    def for_database(self, name: str) -> ServerUrls:
        """The same servers, another database on them."""
        return replace(self, database_url=_with_database(self.database_url, name))


class EmbeddedServers:
    """A PostgreSQL and a Redis in `directory`, on unix sockets; what the environment names is not started."""

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = False,
        shared_buffers: str = "128MB",
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`durable` keeps the data through a power failure; root must not choose a directory closed to other users."""
        folder = directory.absolute()
        if len(str(folder)) + len(SOCKET_SUFFIX) > SOCKET_PATH_LIMIT:
            raise ValueError(f"too long for a unix socket: {folder}")
        self.directory = folder
        self._postgres = EmbeddedPostgres(directory=folder, durable=durable, shared_buffers=shared_buffers)
        self._redis = EmbeddedRedis(folder)
        self._database_url = environ.get("DATABASE_URL") or None
        self._redis_url = environ.get("REDIS_URL") or None

    @property
    def is_database_embedded(self) -> bool:
        return self._database_url is None

    def start(self) -> ServerUrls:
        """Start what is needed and say where it is; servers left running here by a killed process are taken over."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.directory.stat().st_uid != os.geteuid():
            raise ServerUnavailableError(f"{self.directory} belongs to another user")
        if self._database_url is None:
            self._postgres.start()
        if self._redis_url is None:
            self._redis.start()
        return ServerUrls(
            database_url=self._database_url or self._postgres.url, redis_url=self._redis_url or self._redis.url
        )

    def stop(self) -> None:
        """Stop what was started here, now or by an earlier process; may be called any number of times."""
        self._redis.stop()
        self._postgres.stop()

    def __enter__(self) -> ServerUrls:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def stable_directory(checkout: Path, key: str, *, name: str = "dev") -> Path:
    """The same directory for the same checkout, user and server key, every time: what another key sealed cannot be read."""
    digest = hashlib.sha256(f"{checkout.resolve()} {key}".encode()).hexdigest()[:12]
    return _temporary_root() / f"dunwell-{name}-{os.getuid()}-{digest}"


@contextmanager
def throwaway_servers(label: str, *, shared_buffers: str = "128MB") -> Iterator[ServerUrls]:
    """Servers whose data is gone afterwards: a directory of their own, or a database of its own on the given server."""
    sweep(_temporary_root())
    directory = Path(tempfile.mkdtemp(prefix=f"dunwell-{label}-", dir=_temporary_root()))
    servers = EmbeddedServers(directory, shared_buffers=shared_buffers)
    try:
        with _claimed(directory), servers as urls:
            if servers.is_database_embedded:
                yield urls
            else:
                with own_database(urls, label) as own:
                    yield own
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sweep(root: Path) -> None:
    """Stop and remove throwaway servers whose process was killed before it could do so itself."""
    for claim in root.glob(f"dunwell-*/{CLAIM}"):
        if claim.stat().st_uid != os.geteuid():
            continue
        with claim.open() as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            EmbeddedServers(claim.parent, environ={}).stop()
            shutil.rmtree(claim.parent, ignore_errors=True)


@contextmanager
def _claimed(directory: Path) -> Iterator[None]:
    """Holds a lock as long as we live. The file appears only when it is locked, so a sweep never finds it free."""
    unnamed = directory / f"{CLAIM}.new"
    with unnamed.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        unnamed.rename(directory / CLAIM)
        yield


@contextmanager
def own_database(urls: ServerUrls, label: str) -> Iterator[ServerUrls]:
    """A fresh database on the given server, dropped afterwards."""
    name = f"dunwell_{label}_{secrets.token_hex(4)}"
    run_sql(urls.database_url, f"create database {name}")
    try:
        yield urls.for_database(name)
    finally:
        run_sql(urls.database_url, f"drop database if exists {name} with (force)")


def run_sql(database_url: str, statement: str) -> None:
    """Run one administrative statement outside any transaction."""
    query_value(database_url, statement)


def query_value(database_url: str, statement: str) -> object:
    """Run one statement outside any transaction; the first column of its first row, if it has one."""

    async def query() -> object:
        connection = await asyncpg.connect(database_url, timeout=10)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    with asyncio.Runner() as runner:
        return runner.run(query())


def _temporary_root() -> Path:
    """The system's temporary directory, unless it is too deep for a unix socket or closed to other users."""
    root = Path(tempfile.gettempdir()).resolve()
    too_long = len(str(root / LONGEST_NAME)) + len(SOCKET_SUFFIX) > SOCKET_PATH_LIMIT
    closed = os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in (root, *root.parents))
    return Path("/tmp") if too_long or closed else root  # noqa: S108


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))
