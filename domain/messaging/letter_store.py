"""Letters in PostgreSQL, always bound to the context's tenant: their numbers, what they say, and their pages once these are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.messaging.letter_pages import MadeLetter
from domain.messaging.model import LetterSettings
from domain.messaging.rules.letter_text import NUMBER_FORMAT, LetterData
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_COLUMNS = {
    "tenant_id": "text",
    "notice_id": "text",
    "year": "integer",
    "serial": "integer",
    "number": "text",
    "sealed_data": "bytea",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRecord:
    """A letter as it is stored; `content` is None until its pages are made."""

    notice_id: str
    number: str
    data: LetterData
    content: bytes | None


async def get_settings(ctx: Context) -> LetterSettings:
    """How the tenant's letters are numbered; version 0 is what holds where it has said nothing."""
    row = await sql(ctx).fetchrow(
        "select number_format, version, updated_at from letter_settings where tenant_id = $1", ctx.tenant_id
    )
    return LetterSettings(**dict(row)) if row else LetterSettings(NUMBER_FORMAT, 0, None)


async def save_settings(ctx: Context, settings: LetterSettings) -> None:
    """Stores how letters are numbered from now on."""
    await sql(ctx).execute(
        """
        insert into letter_settings (tenant_id, number_format, version, updated_at) values ($1, $2, $3, $4)
        on conflict (tenant_id) do update set number_format = excluded.number_format, version = excluded.version,
          updated_at = excluded.updated_at
        """,
        ctx.tenant_id,
        settings.number_format,
        settings.version,
        settings.updated_at,
    )


async def take_serials(ctx: Context, year: int, count: int) -> range:
    """The next `count` numbers of the year; others wait for them until this transaction ends, so a number that is not used is no gap."""
    last: int = await sql(ctx).fetchval(
        """
        insert into letter_counters (tenant_id, year, last_number) values ($1, $2, $3)
        on conflict (tenant_id, year) do update set last_number = letter_counters.last_number + excluded.last_number
        returning last_number
        """,
        ctx.tenant_id,
        year,
        count,
    )
    return range(last - count + 1, last + 1)


async def add_letters(ctx: Context, year: int, letters: Sequence[tuple[str, int, LetterData]]) -> None:
    """Stores what letters say, each with its notice's id and its serial, in one statement."""
    rows = [
        (
            ctx.tenant_id,
            notice_id,
            year,
            serial,
            data.number,
            ctx.keys.seal(msgspec.json.encode(data), "letters", notice_id, "data"),
        )
        for notice_id, serial, data in letters
    ]
    await insert_rows(sql(ctx), "letters", _COLUMNS, rows)


async def get_record(ctx: Context, notice_id: str) -> LetterRecord:
    """A notice's letter; raises NotFound (`notice_not_found`, `letter_not_found`)."""
    row = await sql(ctx).fetchrow(
        """
        select l.number, l.sealed_data, l.sealed_pdf
        from notices n left join letters l on l.tenant_id = n.tenant_id and l.notice_id = n.id
        where n.tenant_id = $1 and n.id = $2
        """,
        ctx.tenant_id,
        notice_id,
    )
    if row is None:
        raise NotFound.of("notice", notice_id)
    if row["number"] is None:
        raise NotFound("letter_not_found", f"Notice {notice_id!r} has no letter.")
    said = ctx.keys.open(row["sealed_data"], "letters", notice_id, "data")
    content = row["sealed_pdf"] and ctx.keys.open(row["sealed_pdf"], "letters", notice_id, "pdf")
    return LetterRecord(
        notice_id=notice_id,
        number=row["number"],
        data=msgspec.json.decode(said, type=LetterData),
        content=content,
    )


async def contents_of(ctx: Context, notice_ids: Sequence[str]) -> dict[str, bytes]:
    """The files of letters whose pages are made, by notice."""
    rows = await sql(ctx).fetch(
        "select notice_id, sealed_pdf from letters where tenant_id = $1 and notice_id = any($2) and sealed_pdf is not null",
        ctx.tenant_id,
        list(notice_ids),
    )
    return {r["notice_id"]: ctx.keys.open(r["sealed_pdf"], "letters", r["notice_id"], "pdf") for r in rows}


async def keep_pages(ctx: Context, notice_id: str, made: MadeLetter) -> bool:
    """Stores a letter's pages, unless somebody was faster; whether it did. The notice says hash, pages and size from then on."""
    kept = await sql(ctx).fetchval(
        """
        update letters set sealed_pdf = $3, rendered_at = $4
        where tenant_id = $1 and notice_id = $2 and sealed_pdf is null returning true
        """,
        ctx.tenant_id,
        notice_id,
        ctx.keys.seal(made.content, "letters", notice_id, "pdf"),
        ctx.now(),
    )
    if not kept:
        return False
    await sql(ctx).execute(
        """
        update notices set letter_sha256 = $3, letter_pages = $4, letter_size = $5, version = version + 1
        where tenant_id = $1 and id = $2
        """,
        ctx.tenant_id,
        notice_id,
        made.sha256,
        made.pages,
        len(made.content),
    )
    return True


async def awaiting_pages(ctx: Context, limit: int) -> list[str]:
    """Queued notices whose letters have no pages yet, oldest first."""
    rows = await sql(ctx).fetch(
        """
        select id from notices where tenant_id = $1
          and letter_number is not null and letter_sha256 is null and next_attempt_at is not null
        order by id limit $2
        """,
        ctx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


async def give_up(ctx: Context, notice_id: str) -> bool:
    """Marks a queued notice as failed, because its letter cannot be made; whether it was still queued."""
    failed = await sql(ctx).fetchval(
        """
        update notices set state = 'failed', reason = 'letter_failed', next_attempt_at = null, version = version + 1
        where tenant_id = $1 and id = $2 and state = 'queued' returning true
        """,
        ctx.tenant_id,
        notice_id,
    )
    return bool(failed)
