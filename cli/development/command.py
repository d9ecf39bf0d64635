"""`dunwell dev`: everything running on this machine, with a tenant to play with, until Ctrl-C."""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import click

from cli.demo.client import ApiError, Client
from cli.demo.mail_sink import mail_sink
from cli.development.state import Credentials, DevFolder
from cli.development.tenant import make_tenant
from cli.embedded_postgres import ServerUnavailableError
from cli.processes import ProcessFailedError, Services, free_port, is_free, run_dunwell
from cli.servers import EmbeddedServers, ServerUrls, stable_directory
from cli.stopping import stop_like_interrupt

USUAL_PORT = 8000
TOKEN_RENEWAL_SECONDS = 300


@click.command()
@click.option("--port", type=int, help=f"Where to listen; {USUAL_PORT}, or any free port if that is taken.")
def dev(port: int | None) -> None:
    """Run everything for development until Ctrl-C; the data is kept."""
    stop_like_interrupt()
    folder = DevFolder(Path.cwd() / ".dev")
    folder.prepare()
    try:
        data = stable_directory(Path.cwd(), folder.secret_key())
        with _alone(folder), EmbeddedServers(data, durable=True) as urls:
            asyncio.run(_run(folder, urls, port or (USUAL_PORT if is_free(USUAL_PORT) else free_port())))
    except KeyboardInterrupt:
        print("\nStopped; the data is kept for the next start.")
    except (ServerUnavailableError, ProcessFailedError, ApiError) as failed:
        raise click.ClickException(str(failed)) from failed


@contextmanager
def _alone(folder: DevFolder) -> Iterator[None]:
    """Two at once would share one database and fight for it."""
    with folder.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise click.ClickException("`dunwell dev` runs here already") from taken
        yield


async def _run(folder: DevFolder, urls: ServerUrls, port: int) -> None:
    async with AsyncExitStack() as stack:
        environment = {
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "DUNWELL_SECRET_KEY": folder.secret_key(),
            "SMTP_URL": stack.enter_context(mail_sink(lambda *mail: _keep_mail(folder, *mail))),
            "DUNWELL_ALLOW_PRIVATE_WEBHOOKS": "1",
        }
        run_dunwell(["migrate"], environment)
        services = await stack.enter_async_context(Services(environment, logs=folder.logs, port=port))
        credentials = await _credentials(folder, services.base_url, environment)
        token = await _write_environment(folder, services.base_url, credentials)
        _tell(folder, services.base_url, credentials, token)
        for second in count(1):
            await asyncio.sleep(1)
            services.raise_if_failed()
            if second % TOKEN_RENEWAL_SECONDS == 0:
                await _write_environment(folder, services.base_url, credentials)


async def _credentials(folder: DevFolder, base_url: str, environment: dict[str, str]) -> Credentials:
    """Those of the last start, or of a new tenant where they are not known to this database."""
    known = folder.credentials()
    if known is not None:
        async with Client(base_url, known.client_id, known.client_secret) as client:
            try:
                await client.access_token()
            except ApiError as refused:
                if refused.status not in (400, 401):
                    raise
            else:
                return known
    made = await make_tenant(base_url, json.loads(run_dunwell(["platform", "create", "Development"], environment)))
    folder.remember(made)
    return made


async def _write_environment(folder: DevFolder, base_url: str, credentials: Credentials) -> str:
    """A fresh token in dev.env: it lives for minutes, so this is repeated while we run."""
    async with Client(base_url, credentials.client_id, credentials.client_secret) as client:
        token = await client.access_token()
    folder.write_environment(base_url, credentials, token)
    return token


def _keep_mail(folder: DevFolder, recipient: str, message: EmailMessage) -> None:
    body = message.get_body(("plain",))
    mail = {
        "to": recipient,
        "subject": str(message["Subject"] or ""),
        "message_id": str(message["Message-ID"] or ""),
        "text": body.get_content() if body else "",
    }
    with folder.mails.open("a", encoding="utf-8") as mails:
        mails.write(json.dumps(mail, ensure_ascii=False) + "\n")


def _tell(folder: DevFolder, base_url: str, credentials: Credentials, token: str) -> None:
    bearer = '-H "Authorization: Bearer $ACCESS_TOKEN"'
    print(f"""
  API            {base_url}/v1
  documentation  {base_url}/docs
  GraphQL        {base_url}/graphql
  mails          {folder.mails.relative_to(Path.cwd())}
  logs           {folder.logs.relative_to(Path.cwd())}/
  token          {token}
  sign in as     {credentials.user_email} with the password in dev.env

In another terminal (the token in dev.env is renewed while this runs):

  . {folder.env_file.relative_to(Path.cwd())}
  curl {bearer} "$BASE_URL/v1/clock"
  curl {bearer} -X PUT -H 'Content-Type: application/json' -d '{{"name": "蓝海贸易"}}' "$BASE_URL/v1/customers/external/C1"
  curl {bearer} "$BASE_URL/v1/events?limit=5"

Ctrl-C stops everything.""")
