"""Notices and deliveries in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

import msgspec

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest, as_json
from domain.messaging.contact_policy_model import PolicyAnswer
from domain.messaging.model import Delivery, Letter, Notice
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_DELIVERY = ", ".join(field.name for field in fields(Delivery))
_DELIVERY_COLUMNS = {
    "tenant_id": "text",
    "notice_id": "text",
    "number": "integer",
    "outcome": "text",
    "code": "text",
    "detail": "text",
    "attempted_at": "timestamptz",
}
_NOTICE_COLUMNS = {
    "id": "text",
    "customer_id": "text",
    "receivable_id": "text",
    "contact_id": "text",
    "case_id": "text",
    "step_key": "text",
    "channel": "text",
    "template_key": "text",
    "locale": "text",
    "sealed_recipient": "bytea",
    "subject": "text",
    "body": "text",
    "open_amount": "numeric",
    "disputed_amount": "numeric",
    "due_on": "date",
    "currency": "text",
    "message_id": "text",
    "state": "text",
    "reason": "text",
    "attempt_count": "integer",
    "next_attempt_at": "timestamptz",
    "version": "integer",
    "created_at": "timestamptz",
    "sent_at": "timestamptz",
    "contact_policy": "jsonb",
    "tone": "text",
    "template_id": "text",
    "template_version": "integer",
    "template_sha256": "text",
    "new_due_on": "date",
    "letter_number": "text",
    "letter_sha256": "text",
    "letter_pages": "integer",
    "letter_size": "integer",
    "variables": "jsonb",
    "provider_message_id": "text",
    "channel_account_id": "text",
    "delivered_at": "timestamptz",
    "read_at": "timestamptz",
    "replied_at": "timestamptz",
    "bounced_at": "timestamptz",
    "offered_at": "timestamptz",
    "claimed_until": "timestamptz",
    "audience": "text",
    "receivable_count": "integer",
}
_LETTER = ("number", "sha256", "pages", "size")
# What a notice does not have before it has left.
_AFTERWARDS = {"sent_at", "delivered_at", "read_at", "replied_at", "bounced_at", "provider_message_id", "claimed_until"}
# What is not kept as it stands in the notice.
_WRITTEN = (
    "contact_policy",
    "open_amount",
    "disputed_amount",
    "currency",
    "variables",
    "receivable_count",
    "sealed_recipient",
    *(f"letter_{name}" for name in _LETTER),
)
_PLAIN = [name for name in _NOTICE_COLUMNS if name not in _AFTERWARDS and name not in _WRITTEN]
_AT_FIRST = {name: _NOTICE_COLUMNS[name] for name in (*_PLAIN, *_WRITTEN)}
_NO_LETTER = (None,) * len(_LETTER)
_read_plain = attrgetter(*_PLAIN)
NOTICE = ", ".join(f"n.{name}" for name in _NOTICE_COLUMNS)


async def add_notices(ctx: Context, notices: list[Notice]) -> None:
    """Stores new notices in one statement."""
    rows = [(ctx.tenant_id, ctx.on_test_clock, *_notice_values(ctx, notice)) for notice in notices]
    await insert_rows(sql(ctx), "notices", {"tenant_id": "text", "test_clock": "boolean", **_AT_FIRST}, rows)


async def get_notice(ctx: Context, notice_id: str) -> Notice:
    """One notice; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {NOTICE} from notices n where n.tenant_id = $1 and n.id = $2", ctx.tenant_id, notice_id
    )
    if row is None:
        raise NotFound.of("notice", notice_id)
    return notice_of(ctx)(row)


async def notices_by_ids(ctx: Context, ids: list[str]) -> list[Notice]:
    """Those of the notices that exist."""
    rows = await sql(ctx).fetch(
        f"select {NOTICE} from notices n where n.tenant_id = $1 and n.id = any($2)", ctx.tenant_id, ids
    )
    return list(map(notice_of(ctx), rows))


async def page_of_notices(ctx: Context, request: PageRequest, filters: dict[str, str | None]) -> list[Any]:
    """Rows of a page; the statement names only the filters in use, so that their index serves it."""
    wanted = {column: value for column, value in filters.items() if value is not None}
    where = "".join(_filter(column, number) for number, column in enumerate(wanted, 4))
    return await sql(ctx).fetch(
        f"select {NOTICE} from notices n where n.tenant_id = $1 and ($2::text is null or n.id > $2){where}"
        " order by n.id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
        *wanted.values(),
    )


def _filter(column: str, number: int) -> str:
    """A notice is found by each receivable that it names, and by the case of each."""
    if column not in ("receivable_id", "case_id"):
        return f" and n.{column} = ${number}"
    return (
        f" and (n.{column} = ${number} or n.id = any(array("
        f"select notice_id from notice_receivables where tenant_id = $1 and {column} = ${number})))"
    )


async def add_deliveries(ctx: Context, deliveries: list[Delivery]) -> None:
    """Records attempts in one statement."""
    rows = [(ctx.tenant_id, *(getattr(made, field.name) for field in fields(made))) for made in deliveries]
    await insert_rows(sql(ctx), "deliveries", _DELIVERY_COLUMNS, rows)


async def page_of_deliveries(ctx: Context, notice_id: str, after: int, most: int) -> list[Any]:
    """Rows of one notice's attempts after the one with the number `after`."""
    return await sql(ctx).fetch(
        f"select {_DELIVERY} from deliveries where tenant_id = $1 and notice_id = $2 and number > $3"
        " order by number limit $4",
        ctx.tenant_id,
        notice_id,
        after,
        most,
    )


def notice_of(ctx: Context) -> Callable[[Any], Notice]:
    """What makes a notice, its recipient opened, of its row; columns that are not the notice's are left alone."""

    def make(row: Any) -> Notice:
        values = {name: row[name] for name in _NOTICE_COLUMNS if name != "receivable_count"}
        currency = values.pop("currency")
        for name in ("open_amount", "disputed_amount"):
            values[name] = Money(values[name], currency)
        sealed, answer = values.pop("sealed_recipient"), values["contact_policy"]
        if answer is not None:
            values["contact_policy"] = msgspec.json.decode(answer, type=PolicyAnswer)
        values["variables"] = msgspec.json.decode(values["variables"])
        letter = {name: values.pop(f"letter_{name}") for name in _LETTER}
        if letter["number"] is not None:
            values["letter"] = Letter(**letter, new_due_on=values["new_due_on"])
        return Notice(**values, recipient=ctx.keys.open(sealed, "notices", row["id"], "recipient").decode())

    return make


def delivery_of(row: Any) -> Delivery:
    """A delivery from its row."""
    return Delivery(**dict(row))


def _notice_values(ctx: Context, notice: Notice) -> tuple[Any, ...]:
    """In the order of `_AT_FIRST`."""
    answer, letter = notice.contact_policy, notice.letter
    return (
        *_read_plain(notice),
        as_json(answer) if answer else None,
        notice.open_amount.amount,
        notice.disputed_amount.amount,
        notice.open_amount.currency,
        as_json(notice.variables) if notice.variables else "{}",
        max(len(notice.receivables), 1),
        ctx.keys.seal(notice.recipient.encode(), "notices", notice.id, "recipient"),
        *(_NO_LETTER if letter is None else (getattr(letter, name) for name in _LETTER)),
    )
