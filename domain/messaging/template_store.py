"""Templates and their versions in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from asyncpg import UniqueViolationError

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest
from domain.messaging.model import Template, TemplateVersion
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


def version_of(row: Any) -> TemplateVersion:
    """A version from its row."""
    return TemplateVersion(**dict(row))


def template_of(row: Any) -> Template:
    """A template from its row."""
    return Template(**dict(row))


def _template_values(template: Template) -> dict[str, Any]:
    return {field.name: getattr(template, field.name) for field in fields(template)}
