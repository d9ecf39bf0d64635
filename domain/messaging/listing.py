"""The receivables that a notice names if they are several, in PostgreSQL: as they were when it was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.messaging.model import Notice, NoticeReceivable
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

COLUMNS = {
    "receivable_id": "text",
    "case_id": "text",
    "number": "text",
    "issued_on": "date",
    "due_on": "date",
    "open_amount": "numeric",
    "disputed_amount": "numeric",
}
_TYPES = {"tenant_id": "text", "notice_id": "text", **COLUMNS}


async def add(ctx: Context, notices: Sequence[Notice]) -> None:
    """Stores what new notices name, in one statement; nothing for those about a single receivable."""
    rows = [
        (ctx.tenant_id, notice.id, *(_stored(one, name) for name in COLUMNS))
        for notice in notices
        for one in notice.receivables
    ]
    await insert_rows(sql(ctx), "notice_receivables", _TYPES, rows)


async def with_receivables(ctx: Context, notices: Sequence[Notice]) -> list[Notice]:
    """The notices with what they name, in one statement."""
    rows = await sql(ctx).fetch(
        f"select notice_id, {', '.join(COLUMNS)} from notice_receivables"
        " where tenant_id = $1 and notice_id = any($2) order by notice_id, due_on, receivable_id",
        ctx.tenant_id,
        [notice.id for notice in notices],
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["notice_id"]].append(row)
    return [
        replace(notice, receivables=[receivable_of(row, notice.open_amount.currency) for row in found[notice.id]])
        if notice.id in found
        else notice
        for notice in notices
    ]


def receivable_of(row: Any, currency: str) -> NoticeReceivable:
    """What a notice names, from its row."""
    values = {name: row[name] for name in COLUMNS}
    for name in ("open_amount", "disputed_amount"):
        values[name] = Money(values[name], currency)
    return NoticeReceivable(**values)


def _stored(one: NoticeReceivable, name: str) -> Any:
    value = getattr(one, name)
    return value.amount if isinstance(value, Money) else value
