"""Sending queued notices by SMTP, each checked again under lock, beside aiosmtplib alone against the same mail server."""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from multiprocessing.synchronize import Event

import aiosmtplib
import asyncpg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.harness import Figure, interleaved, median_ratio, open_database
from bench.measuring import peak_megabytes
from bench.stored import Store, fill
from cli.processes import free_port
from cli.servers import ServerUrls
from domain.dunning.engine import run_due_cases
from domain.messaging.sending import send_in_lanes
from workers.channels.smtp import MAX_CONNECTIONS, SmtpChannel

ROUNDS = 5
MAILS = 1_000
LEAST_OF_BARE = 0.7
MOST_MEGABYTES = 250.0
_FORKS = multiprocessing.get_context("spawn")
_SENDER = "reminders@bench.example"


async def run(urls: ServerUrls) -> list[Figure]:
    """Rounds in turns: our sender with a batch of queued notices, and a plain program with the same texts."""
    with _mail_server() as port:
        async with open_database(urls):
            store = await fill(urls, others=0, due=ROUNDS * MAILS, rounds=ROUNDS)
            for number in range(ROUNDS):
                while await run_due_cases(store.at_round(number)):
                    pass
            texts = await _texts(urls)
            numbers = iter(range(ROUNDS))
            ours, bare = await interleaved(
                ROUNDS, lambda: _send_round(store, next(numbers), port), lambda: _send_bare(texts, port)
            )
    return [_ratio(ours, bare), _memory()]


async def _send_round(store: Store, number: int, port: int) -> float:
    """Mails per second of our sender; raises RuntimeError unless it sent the whole round."""
    ctx, channel = store.at_round(number), SmtpChannel(f"smtp://127.0.0.1:{port}", _SENDER)
    began, sent = time.perf_counter(), 0
    while done := await send_in_lanes(ctx, {"email": channel}):
        sent += done
    took = time.perf_counter() - began
    await channel.close()
    if sent != MAILS or await _unsent(store) != MAILS * (ROUNDS - 1 - number):
        raise RuntimeError(f"{sent} mails were sent of {MAILS}")
    return sent / took


async def _send_bare(texts: Sequence[tuple[str, str, str]], port: int) -> float:
    """Mails per second of a program that only sends, over as many connections."""
    waiting = iter(texts)

    async def send() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
            for subject, body, recipient in waiting:
                mail = EmailMessage()
                mail["From"], mail["To"], mail["Subject"] = _SENDER, recipient, subject
                mail.set_content(body)
                await client.send_message(mail)

    began = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(MAX_CONNECTIONS)))
    return len(texts) / (time.perf_counter() - began)


async def _texts(urls: ServerUrls) -> list[tuple[str, str, str]]:
    connection = await asyncpg.connect(urls.database_url)
    try:
        rows = await connection.fetch("select subject, body from notices order by id limit $1", MAILS)
    finally:
        await connection.close()
    return [(row["subject"], row["body"], f"c{n}@customer.example") for n, row in enumerate(rows)]


async def _unsent(store: Store) -> int:
    connection = await asyncpg.connect(store.urls.database_url)
    try:
        count: int = await connection.fetchval("select count(*) from notices where state <> 'sent'")
    finally:
        await connection.close()
    return count


@contextmanager
def _mail_server() -> Iterator[int]:
    """In a process of its own, so that it does not take turns with those who send."""
    port, ready, over = free_port(), _FORKS.Event(), _FORKS.Event()
    process = _FORKS.Process(target=_serve_mail, args=(port, ready, over), daemon=True)
    process.start()
    try:
        if not ready.wait(30):
            raise RuntimeError("the mail server did not start")
        yield port
    finally:
        over.set()
        process.join()


class _TakesAll:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 Message accepted"


def _serve_mail(port: int, ready: Event, over: Event) -> None:
    controller = Controller(_TakesAll(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    ready.set()
    over.wait()
    controller.stop()


def _ratio(ours: list[float], bare: list[float]) -> Figure:
    ratio = median_ratio(ours, bare)
    how = (
        f"{MAILS:,} mails a round, {ROUNDS} rounds in turns, {MAX_CONNECTIONS} connections each;"
        f" ours {statistics.median(ours):,.0f}/s, aiosmtplib alone {statistics.median(bare):,.0f}/s by the clock"
    )
    return Figure("mails sent / aiosmtplib alone", ratio, "", f">= {LEAST_OF_BARE}", ratio >= LEAST_OF_BARE, how)


def _memory() -> Figure:
    peak = peak_megabytes()
    how = "the most this process held, which decided and sent all rounds"
    return Figure("memory while sending", peak, "MB", f"< {MOST_MEGABYTES:g}", peak < MOST_MEGABYTES, how)
