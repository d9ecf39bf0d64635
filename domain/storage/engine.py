"""The one database of a process: a Piccolo engine with transactions that cannot leak, and a pool under the application's role."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

APPLICATION_ROLE = "dunwell_app"


class _Connection(asyncpg.Connection):
    """A connection that needs no reset: every statement runs in a transaction that ends itself and sets only local settings."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Nothing, which saves a round trip for each release to the pool."""
        return ""


class Database(PostgresEngine):
    """Piccolo's engine, opened by `open` instead of on import; it refuses to run anything outside a transaction."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(config={})

    async def open(self, url: str, *, max_connections: int = 10) -> bool:
        """Connects to the PostgreSQL at `url` as the application's role, which row-level security binds.

        False, and nothing happens, if the engine is open already: an application in a process that has it (a test) shares it.
        """
        if self.pool is not None:
            return False
        self.config = {"dsn": url}
        self.pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=max_connections,
            connection_class=_Connection,
            server_settings={"role": APPLICATION_ROLE, "application_name": "dunwell", "timezone": "UTC", "jit": "off"},
        )
        return True

    async def close(self) -> None:
        """Gives all connections back to the server."""
        if self.pool is not None:
            pool, self.pool = self.pool, None
            await pool.close()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """Runs a Piccolo query in the open transaction; without one it is refused, since no tenant would be bound."""
        query, arguments = querystring.compile_string(engine_type=self.engine_type)
        return await self._in_transaction(query, arguments)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        """Runs a Piccolo DDL statement in the open transaction."""
        return await self._in_transaction(ddl, ())

    async def _in_transaction(self, query: str, arguments: Sequence[Any]) -> Any:
        current = self.current_transaction.get()
        if current is None:
            raise RuntimeError("a query was made outside a transaction, so no tenant is bound")
        return await current.fetch(query, *arguments)


class BoundTransaction(PostgresTransaction):
    """A transaction that starts bound to its owner in one round trip and always gives its connection back."""

    __slots__ = ("begin", "binding", "deferred", "lock", "signals", "waits")

    def __init__(self, engine: Database, binding: str, begin: str = "begin") -> None:
        super().__init__(engine, allow_nested=False)
        self.begin = begin
        self.binding = binding
        self.lock = asyncio.Lock()
        self.deferred: dict[Any, list[Any]] = {}
        self.signals = False
        self.waits = False

    async def __aenter__(self) -> BoundTransaction:
        if self.engine.pool is None:
            raise RuntimeError("the database is not open")
        self.connection = await self.engine.pool.acquire(timeout=30)
        try:
            await self.connection.execute(f"{self.begin}; {self.binding}")
        except BaseException:
            await self.engine.pool.release(self.connection)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        try:
            await self.connection.execute("rollback" if error is not None else "commit")
            self._committed = error is None
        finally:
            self.engine.current_transaction.reset(self.context)
            # asyncpg shields the release itself, so a cancellation cannot lose the connection.
            await self.engine.pool.release(self.connection)
        return False

    # Sibling GraphQL resolvers share the transaction of a mutation; asyncpg allows one statement at a time.

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """All rows of one statement."""
        async with self.lock:
            rows: list[asyncpg.Record] = await self.connection.fetch(query, *arguments)
            return rows

    async def fetchrow(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of one statement, or None."""
        async with self.lock:
            return await self.connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """The first column of the first row, or None."""
        async with self.lock:
            return await self.connection.fetchval(query, *arguments)

    async def execute(self, query: str, *arguments: Any) -> str:
        """Runs one statement (or, without arguments, several) and returns the command tag."""
        async with self.lock:
            tag: str = await self.connection.execute(query, *arguments)
            return tag

    async def executemany(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs one statement for each row, pipelined."""
        async with self.lock:
            await self.connection.executemany(query, rows)


DB = Database()
