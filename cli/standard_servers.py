"""Find the PostgreSQL and the Redis on this machine's standard ports, and run a command against them.

Without arguments says what was found (exit code 1: not both); with a command runs it with DATABASE_URL, naming a new
database that is dropped afterwards, and REDIS_URL set, and exits as the command does.
"""

from __future__ import annotations

import os
import subprocess
import sys

import asyncpg
from redis import Redis
from redis.exceptions import RedisError

from cli.servers import ServerUrls, own_database, query_value, run_sql

REDIS_URL = "redis://127.0.0.1:6379/9"
POSTGRES_USERS = ("postgres", "root")


class NothingAnswersError(RuntimeError):
    """One of the servers is not there; the message says which."""


def find_standard_servers() -> tuple[ServerUrls, str]:
    """Where they are and which versions; raises NothingAnswersError."""
    redis_version = _redis_version()
    for user in POSTGRES_USERS:
        url = f"postgresql://{user}@127.0.0.1:5432/postgres"
        try:
            version = query_value(url, "show server_version")
            run_sql(url, "select 1 / (rolcreatedb or rolsuper)::int from pg_roles where rolname = current_user")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            continue
        urls = ServerUrls(database_url=url, redis_url=REDIS_URL)
        return urls, f"PostgreSQL {version} and Redis {redis_version} on their standard local ports"
    raise NothingAnswersError("no PostgreSQL that lets us create databases on 127.0.0.1:5432")


def main(command: list[str]) -> int:
    """The exit code of `command`, or of the search."""
    try:
        urls, description = find_standard_servers()
    except NothingAnswersError as missing:
        print(missing)
        return 1
    if not command:
        print(description)
        return 0
    with own_database(urls, "ci") as own:
        environment = {**os.environ, "DATABASE_URL": own.database_url, "REDIS_URL": own.redis_url}
        return subprocess.run(command, env=environment, check=False).returncode


def _redis_version() -> str:
    try:
        with Redis.from_url(REDIS_URL, socket_timeout=2) as redis:
            return str(redis.info("server")["redis_version"])
    except (RedisError, OSError) as missing:
        raise NothingAnswersError("no Redis on 127.0.0.1:6379") from missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
