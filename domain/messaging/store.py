"""Templates, notices and deliveries in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import msgspec
from asyncpg import UniqueViolationError

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest, as_json
from domain.messaging.contact_policy_model import PolicyAnswer
from domain.messaging.model import Delivery, Letter, Notice, Template, TemplateVersion
from domain.messaging.tables import TemplateRow
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_TEMPLATE = ", ".join(field.name for field in fields(Template))
_VERSION = ", ".join(field.name for field in fields(TemplateVersion))
_VERSION_COLUMNS = {
    "tenant_id": "text",
    "template_id": "text",
    "number": "integer",
    "subject": "text",
    "body": "text",
    "created_by": "text",
    "created_at": "timestamptz",
}
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
_AT_FIRST = {name: kind for name, kind in _NOTICE_COLUMNS.items() if name not in _AFTERWARDS}
NOTICE = ", ".join(f"n.{name}" for name in _NOTICE_COLUMNS)


async def add_template(ctx: Context, template: Template) -> None:
    """Stores a new template; raises Conflict if there is one of the same key, channel, locale and tone."""
    try:
        await TemplateRow.insert(TemplateRow(tenant_id=ctx.tenant_id, **_template_values(template)))
    except UniqueViolationError as taken:
        tone = f" and the tone {template.tone}" if template.tone else ""
        raise Conflict(
            "template_exists",
            f"There is a template {template.key!r} for {template.channel} in {template.locale}{tone}.",
        ) from taken


async def save_template(ctx: Context, template: Template) -> None:
    """Replaces a template's row."""
    await TemplateRow.update(_template_values(template)).where(
        (TemplateRow.tenant_id == ctx.tenant_id) & (TemplateRow.id == template.id)
    )


async def get_template(ctx: Context, template_id: str, *, lock: bool = False) -> Template:
    """One template; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_TEMPLATE} from templates where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        template_id,
    )
    if row is None:
        raise NotFound.of("template", template_id)
    return template_of(row)


async def templates_of_keys(ctx: Context, keys: set[str]) -> list[Template]:
    """The tenant's own templates of these keys, in all languages."""
    rows = await sql(ctx).fetch(
        f"select {_TEMPLATE} from templates where tenant_id = $1 and key = any($2)", ctx.tenant_id, list(keys)
    )
    return [template_of(row) for row in rows]


async def page_of_templates(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_TEMPLATE} from templates where tenant_id = $1 and ($2::text is null or id > $2)"
        " order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def add_version(ctx: Context, version: TemplateVersion) -> None:
    """Keeps what a template says from now on."""
    row = (ctx.tenant_id, *(getattr(version, field.name) for field in fields(version)))
    await insert_rows(sql(ctx), "template_versions", _VERSION_COLUMNS, [row])


async def get_version(ctx: Context, template_id: str, number: int) -> TemplateVersion:
    """One version of a template; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_VERSION} from template_versions where tenant_id = $1 and template_id = $2 and number = $3",
        ctx.tenant_id,
        template_id,
        number,
    )
    if row is None:
        raise NotFound("template_version_not_found", f"Template {template_id!r} has no version {number}.")
    return version_of(row)


async def page_of_versions(ctx: Context, template_id: str, after: int, most: int) -> list[Any]:
    """Rows of a template's versions after the one with the number `after`."""
    return await sql(ctx).fetch(
        f"select {_VERSION} from template_versions where tenant_id = $1 and template_id = $2 and number > $3"
        " order by number limit $4",
        ctx.tenant_id,
        template_id,
        after,
        most,
    )


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


def version_of(row: Any) -> TemplateVersion:
    """A version from its row."""
    return TemplateVersion(**dict(row))


def template_of(row: Any) -> Template:
    """A template from its row."""
    return Template(**dict(row))


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


def _template_values(template: Template) -> dict[str, Any]:
    return {field.name: getattr(template, field.name) for field in fields(template)}


def _notice_values(ctx: Context, notice: Notice) -> list[Any]:
    answer = notice.contact_policy
    stored = {
        "contact_policy": as_json(answer) if answer else None,
        "open_amount": notice.open_amount.amount,
        "disputed_amount": notice.disputed_amount.amount,
        "currency": notice.open_amount.currency,
        "variables": as_json(notice.variables),
        "receivable_count": max(len(notice.receivables), 1),
        "sealed_recipient": ctx.keys.seal(notice.recipient.encode(), "notices", notice.id, "recipient"),
        **{f"letter_{name}": getattr(notice.letter, name, None) for name in _LETTER},
    }
    return [stored[name] if name in stored else getattr(notice, name) for name in _AT_FIRST]
