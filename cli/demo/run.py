"""Set the stage for the story, let it play, and judge it."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Coroutine
from collections.abc import Mapping as Environment
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from cli.demo.books import Books, Json, read_books
from cli.demo.checks import CheckResult, compare_with_expected, run_checks
from cli.demo.client import Client
from cli.demo.expected import expected_notices
from cli.demo.faults import Faults
from cli.demo.history import STRPTIME_PATTERNS, History
from cli.demo.mail_sink import mail_sink
from cli.demo.money import play_money
from cli.demo.outside import Mail, Outside
from cli.demo.reminding import Played as Reminding
from cli.demo.reminding import play_reminding
from cli.demo.report import cases_to_tell
from cli.demo.story import Story, register_tenant
from cli.demo.webhook_receiver import webhook_receiver
from cli.processes import Services, free_port, run_dunwell
from cli.servers import ServerUrls

WEBHOOK_SECONDS = 180.0
POLL_SECONDS = 0.05
PROGRESS_LINES = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """How many faults of each kind, and the seed that places them."""

    count: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A story that was played to its end."""

    outside: Outside
    books: Books
    timelines: list[tuple[Json, Json]]
    checks: list[CheckResult]
    money: list[str]
    reminding: Reminding
    faults: tuple[int, int]


async def play(file: Path, history: History, urls: ServerUrls, logs: Path, disturbance: Disturbance | None) -> Played:
    """Runs API and worker on the given empty servers and plays the history against them."""
    outside = Outside()
    async with AsyncExitStack() as stack:
        environment = _environment(urls, stack.enter_context(mail_sink(lambda *mail: _note_mail(outside, *mail))))
        run_dunwell(["migrate"], environment)
        creating = asyncio.create_task(
            asyncio.to_thread(run_dunwell, ["platform", "create", "Demo platform"], environment)
        )
        services = await stack.enter_async_context(Services(environment, logs=logs, port=free_port()))
        operator = json.loads(await creating)
        receiver = await stack.enter_async_context(webhook_receiver(outside))
        client_of = partial(_client, services.base_url)
        platform = await stack.enter_async_context(client_of(operator))
        client = await stack.enter_async_context(client_of(await register_tenant(platform, history)))
        faults = _faults(disturbance, history, services, urls)
        await _guarded(services, Story(client, history, outside, _each_day(history, outside, faults)).play(receiver))
        await faults.close()
        books = await read_books(client)
        await _await_webhooks(outside, books, services)
        money, money_check = await play_money(platform, client_of)
        reminding = await play_reminding(platform, client_of)
        told = cases_to_tell(books)
        timelines = [(case, await client.get(f"/v1/cases/{case['id']}/timeline")) for case in told]
    checks = [*run_checks(outside, books), _against_the_file(file, history, books), *reminding.checks, money_check]
    return Played(
        outside=outside,
        books=books,
        timelines=timelines,
        checks=checks,
        money=money,
        reminding=reminding,
        faults=(faults.kill_count, faults.flush_count),
    )


def _client(base_url: str, credentials: Json) -> Client:
    return Client(base_url, credentials["client_id"], credentials["client_secret"])


def _environment(urls: ServerUrls, smtp_url: str) -> Environment[str, str]:
    return {
        "DATABASE_URL": urls.database_url,
        "REDIS_URL": urls.redis_url,
        "DUNWELL_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "SMTP_URL": smtp_url,
        "DUNWELL_ALLOW_PRIVATE_WEBHOOKS": "1",
        "LOG_LEVEL": "WARNING",
    }


def _note_mail(outside: Outside, recipient: str, message: EmailMessage) -> None:
    mail = Mail(
        order=outside.next_order(),
        message_id=str(message["Message-ID"] or "").strip(),
        recipient=recipient,
        subject=str(message["Subject"] or ""),
    )
    outside.mails.append(mail)


def _faults(disturbance: Disturbance | None, history: History, services: Services, urls: ServerUrls) -> Faults:
    wanted = disturbance or Disturbance(count=0, seed=0)
    days = list(history.days())
    return Faults(days, wanted.count, wanted.seed, worker=services.worker, redis_url=urls.redis_url)


class _each_day:  # noqa: N801
    """Shows how far the story is, a dozen times, and lets faults happen."""

    def __init__(self, history: History, outside: Outside, faults: Faults) -> None:
        self._history, self._outside, self._faults = history, outside, faults
        self._length = (history.end_on - history.start_on).days
        self._shown = 0

    def __call__(self, day: date) -> None:
        self._faults.disturb(day)
        passed = (day - self._history.start_on).days
        if passed * PROGRESS_LINES // max(self._length, 1) > self._shown:
            self._shown = passed * PROGRESS_LINES // self._length
            seen = self._outside
            print(
                f"  {day}  day {passed:>3} of {self._length}"
                f"   mails {len(seen.mails):>5}   payments {seen.payment_count:>5}   webhooks {len(seen.hooks):>6}",
                flush=True,
            )


async def _guarded(services: Services, story: Coroutine[None, None, None]) -> None:
    """Plays on unless a process cannot be kept up: then waiting for it would never end."""
    playing, failing = asyncio.create_task(story), asyncio.create_task(services.given_up())
    try:
        await asyncio.wait([playing, failing], return_when=asyncio.FIRST_COMPLETED)
        services.raise_if_failed()
        await playing
    finally:
        playing.cancel()
        failing.cancel()


async def _await_webhooks(outside: Outside, books: Books, services: Services) -> None:
    """Webhooks live in real time; gives up after a while and leaves it to the checks to say what is missing."""
    wanted = {event["id"] for event in books.events}
    deadline = time.monotonic() + WEBHOOK_SECONDS
    while wanted - outside.delivered_event_ids() and time.monotonic() < deadline:
        services.raise_if_failed()
        await asyncio.sleep(POLL_SECONDS)


def _against_the_file(file: Path, history: History, books: Books) -> CheckResult:
    columns = history.mapping.columns
    expected = expected_notices(
        file,
        invoice=columns["external_id"],
        customer=columns["customer_external_id"],
        issued=columns["issued_on"],
        due=columns["due_on"],
        settled=history.mapping.history["settled_on"],
        pattern=STRPTIME_PATTERNS[history.mapping.date_format],
        since=history.start_on,
        until=history.end_on,
        not_judged=history.special_customers(),
    )
    title = f"the notices of {len(expected)} invoices are those that the file alone leads to"
    return CheckResult(title, compare_with_expected(books, expected))
