"""Letters: notices as numbered documents. What a letter says and its number are settled with the notice, in the same transaction.

Its pages are a quarter of a second of work, so they are made afterwards, outside of any transaction: by a worker before the notice is sent,
or when somebody reads it first. Whoever comes first keeps them, and from then on they are only read.
"""

from __future__ import annotations

import hashlib

import anyio
import anyio.to_thread
import structlog

from domain.events.log import emit
from domain.kernel.context import Context
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.messaging import letter_store as store
from domain.messaging.letter_pages import MadeLetter, made
from domain.messaging.model import LetterFile
from domain.messaging.notices import notice_event
from domain.messaging.rules.letter_text import LetterData
from domain.messaging.store import get_notice
from domain.storage.doors import tenants_through
from domain.storage.transaction import reading, transaction

logger = structlog.get_logger("dunwell.messaging")

_MOST_TENANTS = 100
# Pages are made by the processor: more at once would only slow down everything else.
_LIMITER = anyio.CapacityLimiter(2)


@use_case("notices:read")
async def get_letter(ctx: Context, notice_id: str) -> LetterFile:
    """A notice's letter; raises NotFound (`notice_not_found`, `letter_not_found`). One that shows a postal address needs `pii:read`."""
    async with reading(ctx):
        record = await store.get_record(ctx, notice_id)
    if record.data.address:
        ctx.require(Scope.PII_READ)
    content = record.content or await _make(ctx, record)
    async with reading(ctx):
        letter = (await get_notice(ctx, notice_id)).letter
    assert letter is not None
    assert letter.pages is not None
    return LetterFile(
        notice_id=notice_id,
        number=record.number,
        sha256=hashlib.sha256(content).hexdigest(),
        pages=letter.pages,
        size=len(content),
        content=content,
    )


async def make_letters(ctx: Context, limit: int = 8) -> int:
    """Makes the pages of letters that wait to be sent; how many it looked at. One that cannot be made fails, and stops no other."""
    async with reading(ctx):
        ids = await store.awaiting_pages(ctx, limit)
    for notice_id in ids:
        async with reading(ctx):
            record = await store.get_record(ctx, notice_id)
        try:
            await _make(ctx, record)
        except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RuntimeError) as failed:
            logger.exception("letter not made", notice_id=notice_id, reason=type(failed).__name__)
            await _give_up(ctx, notice_id)
    return len(ids)


async def tenants_awaiting_letters() -> list[str]:
    """Tenants that have letters to be made."""
    return await tenants_through("door_tenants_awaiting_letters", _MOST_TENANTS)


async def pages_of(letter: LetterData) -> MadeLetter:
    """The letter's pages, made in a thread."""
    return await anyio.to_thread.run_sync(made, letter, limiter=_LIMITER)


async def _make(ctx: Context, record: store.LetterRecord) -> bytes:
    pages = await pages_of(record.data)
    async with transaction(ctx):
        if await store.keep_pages(ctx, record.notice_id, pages):
            return pages.content
        kept = (await store.get_record(ctx, record.notice_id)).content
    assert kept is not None
    return kept


async def _give_up(ctx: Context, notice_id: str) -> None:
    async with transaction(ctx):
        if await store.give_up(ctx, notice_id):
            emit(ctx, notice_event(await get_notice(ctx, notice_id)))
