"""Use cases of templates. What a template says is kept by version; a notice tells which one it was made from."""

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
from domain.messaging import template_store as store
from domain.messaging.book import LETTER_KEY, TemplateBook
from domain.messaging.model import ChannelName, Template, TemplateVersion, Tone
from domain.messaging.rules.liquid import lint
from domain.messaging.rules.samples import sample_variables
from domain.messaging.rules.selection import TONES
from domain.storage.transaction import reading, transaction

_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)


@use_case("templates:write")
async def create_template(
    ctx: Context,
    *,
    key: str,
    locale: str,
    body: str,
    subject: str = "",
    channel: ChannelName = "email",
    tone: Tone | None = None,
) -> Template:
    """Adds a text; raises InvalidInput for what cannot be rendered and Conflict (`template_exists`).

    Without a tone it serves every step that finds none of its own tone. Channels such as `sms` have no subject.
    """
    now = ctx.now()
    template = Template(
        id=new_id("tpl"),
        key=key,
        channel=channel,
        locale=locale,
        tone=tone,
        subject=subject,
        body=body,
        version=1,
        created_at=now,
        updated_at=now,
    )
    check_template(template)
    async with transaction(ctx):
        await store.add_template(ctx, template)
        await store.add_version(ctx, _version(ctx, template))
        emit(ctx, _event("created", template))
    return template


@use_case("templates:write")
async def update_template(
    ctx: Context, template_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Template:
    """Changes subject, body or both, which makes a new version; notices that are already queued keep their text."""
    async with transaction(ctx):
        template = await store.get_template(ctx, template_id, lock=True)
        expect(template.version, expected_version)
        return await _change(ctx, template, changes)


@use_case("templates:write")
async def restore_template(
    ctx: Context, template_id: str, number: int, *, expected_version: int | None = None
) -> Template:
    """Says again what an earlier version said, as a new version; raises NotFound for a version that never was."""
    async with transaction(ctx):
        template = await store.get_template(ctx, template_id, lock=True)
        expect(template.version, expected_version)
        earlier = await store.get_version(ctx, template_id, number)
        return await _change(ctx, template, {"subject": earlier.subject, "body": earlier.body}, restored=True)


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


@use_case("templates:read")
async def list_template_versions(ctx: Context, template_id: str, page: PageRequest) -> Page[TemplateVersion]:
    """What a template said, first to last, ending with what it says now; raises NotFound for an unknown template."""
    async with reading(ctx):
        await store.get_template(ctx, template_id)
        rows = await store.page_of_versions(ctx, template_id, page.number_after(), page.limit + 1)
    return page_of(rows, page, lambda row: str(row["number"]), store.version_of)


async def load_templates(ctx: Context, keys: set[str]) -> TemplateBook:
    """Everything needed to render these keys, and the letters that may go with them, in any language and tone; one select."""
    async with reading(ctx):
        return TemplateBook(await store.templates_of_keys(ctx, keys | {LETTER_KEY}), ctx.locale)


def check_template(template: Template) -> None:
    """Raises InvalidInput naming everything that is wrong with it."""
    errors: list[FieldError] = []
    if is_channel(template.channel):
        sample = sample_variables(template.locale)
        errors += lint(template.subject, template.body, channel=template.channel, sample=sample)
    else:
        detail = "A channel is 1 to 30 of a-z, 0-9 and _, beginning with a letter."
        errors.append(FieldError("/channel", "malformed_channel", detail))
    if not _KEY.fullmatch(template.key):
        errors.append(FieldError("/key", "malformed_key", "A key is a-z, 0-9 and _, beginning with a letter."))
    if template.locale not in LOCALES:
        detail = f"{template.locale!r} is not one of {', '.join(LOCALES)}."
        errors.append(FieldError("/locale", "unknown_locale", detail))
    if template.tone is not None and template.tone not in TONES:
        errors.append(FieldError("/tone", "unknown_tone", f"A tone is one of {', '.join(TONES)}."))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))


async def _change(ctx: Context, template: Template, changes: dict[str, Any], *, restored: bool = False) -> Template:
    """A change that changes nothing makes no version, unless somebody asked for a version to be made."""
    changed = replace(template, **changes)
    check_template(changed)
    if changed == template and not restored:
        return template
    changed = replace(changed, version=template.version + 1, updated_at=ctx.now())
    await store.save_template(ctx, changed)
    await store.add_version(ctx, _version(ctx, changed))
    emit(ctx, _event("updated", changed))
    return changed


def _version(ctx: Context, template: Template) -> TemplateVersion:
    return TemplateVersion(
        template_id=template.id,
        number=template.version,
        subject=template.subject,
        body=template.body,
        created_by=ctx.actor.id,
        created_at=template.updated_at,
    )


def _event(what: str, template: Template) -> NewEvent:
    return NewEvent(f"template.{what}", template.id, {"template": template})
