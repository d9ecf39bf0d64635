"""Use cases of templates."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from domain.customers.rules import LOCALES, is_channel
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.messaging import store
from domain.messaging.book import TemplateBook
from domain.messaging.model import ChannelName, Template
from domain.messaging.rules.liquid import lint
from domain.storage.transaction import reading, transaction

_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)


@use_case("templates:write")
async def create_template(
    ctx: Context, *, key: str, locale: str, subject: str, body: str, channel: ChannelName = "email"
) -> Template:
    """Adds a text; raises InvalidInput for what cannot be rendered and Conflict (`template_exists`)."""
    _check(subject, body, key=key, locale=locale, channel=channel)
    now = ctx.now()
    template = Template(
        id=new_id("tpl"),
        key=key,
        channel=channel,
        locale=locale,
        subject=subject,
        body=body,
        version=1,
        created_at=now,
        updated_at=now,
    )
    async with transaction(ctx):
        await store.add_template(ctx, template)
        emit(ctx, _event("created", template))
    return template


@use_case("templates:write")
async def update_template(
    ctx: Context, template_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Template:
    """Changes subject, body or both; notices that are already queued keep their text."""
    async with transaction(ctx):
        template = await store.get_template(ctx, template_id, lock=True)
        expect(template.version, expected_version)
        changed = replace(template, **changes)
        _check(changed.subject, changed.body)
        if changed == template:
            return template
        changed = replace(changed, version=template.version + 1, updated_at=ctx.now())
        await store.save_template(ctx, changed)
        emit(ctx, _event("updated", changed))
    return changed


@use_case("templates:read")
async def get_template(ctx: Context, template_id: str) -> Template:
    """One of the tenant's own templates; raises NotFound."""
    async with reading(ctx):
        return await store.get_template(ctx, template_id)


@use_case("templates:read")
async def list_templates(ctx: Context, page: PageRequest) -> Page[Template]:
    """The tenant's own templates in the order of their creation."""
    async with reading(ctx):
        rows = await store.page_of_templates(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.template_of)


async def load_templates(ctx: Context, keys: set[str]) -> TemplateBook:
    """Everything needed to render these keys in any language, with one select."""
    async with reading(ctx):
        return TemplateBook(await store.templates_of_keys(ctx, keys))


def _check(
    subject: str, body: str, *, key: str | None = None, locale: str | None = None, channel: str = "email"
) -> None:
    errors = lint(subject, body)
    if key is not None and not _KEY.fullmatch(key):
        errors.append(FieldError("/key", "malformed_key", "A key is a-z, 0-9 and _, beginning with a letter."))
    if not is_channel(channel):
        errors.append(
            FieldError("/channel", "malformed_channel", "A channel is a-z, 0-9 and _, beginning with a letter.")
        )
    if locale is not None and locale not in LOCALES:
        errors.append(FieldError("/locale", "unknown_locale", f"{locale!r} is not one of {', '.join(LOCALES)}."))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))


def _event(what: str, template: Template) -> NewEvent:
    return NewEvent(f"template.{what}", template.id, {"template": template})
