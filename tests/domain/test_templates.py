"""Templates on a real PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from asyncpg import InsufficientPrivilegeError

from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.messaging.book import TemplateBook
from domain.messaging.notices import get_notice, queue_notices
from domain.messaging.rules.liquid import VARIABLES
from domain.messaging.templates import (
    create_template,
    get_template,
    list_template_versions,
    list_templates,
    load_templates,
    restore_template,
    update_template,
)
from domain.storage.transaction import transaction
from tests.factories import tenant_context
from tests.factories_messaging import a_billed_contact, a_draft


async def test_a_tenants_own_template_replaces_the_shipped_one(ctx: Context) -> None:
    await create_template(ctx, key="overdue_notice", locale="en", subject="Own {{ number }}", body="Hello")
    book = await load_templates(ctx, {"overdue_notice"})
    values = dict.fromkeys(VARIABLES, "7")
    assert book.render("overdue_notice", "email", "en", values).subject == "Own 7"
    assert book.render("overdue_notice", "email", "zh-CN", values).subject != "Own 7"
    assert book.has("final_notice", "email")


async def test_a_template_changes_with_its_version_and_tells_it(ctx: Context) -> None:
    template = await create_template(ctx, key="hello", locale="en", subject="Hi", body="Hello")
    changed = await update_template(ctx, template.id, {"body": "Hello {{ contact_name }}"}, expected_version=1)
    assert await update_template(ctx, template.id, {"subject": "Hi"}) == changed
    assert await get_template(ctx, template.id) == changed
    assert (changed.version, changed.subject) == (2, "Hi")
    with pytest.raises(PreconditionFailed):
        await update_template(ctx, template.id, {"body": "x"}, expected_version=1)
    types = [event.type for event in (await list_events(ctx, PageRequest())).items]
    assert types == ["template.created", "template.updated"]


async def test_every_fault_of_a_template_is_named_and_nothing_is_stored(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_template(ctx, key="Bad Key", locale="tlh", subject="{{ nope }}", body="{% assign x = 1 %}")
    codes = {error.pointer: error.code for error in refused.value.errors}
    assert codes == {
        "/subject": "template_unknown_variable",
        "/body": "template_tag_not_allowed",
        "/key": "malformed_key",
        "/locale": "unknown_locale",
    }
    assert (await list_templates(ctx, PageRequest())).items == []


async def test_a_bad_change_leaves_the_template_as_it_was(ctx: Context) -> None:
    template = await create_template(ctx, key="hello", locale="en", subject="Hi", body="Hello")
    with pytest.raises(InvalidInput):
        await update_template(ctx, template.id, {"body": "{{ number | append: 'x' }}"})
    assert await get_template(ctx, template.id) == template


async def test_there_is_one_template_of_a_key_in_a_language(ctx: Context) -> None:
    await create_template(ctx, key="hello", locale="en", subject="Hi", body="Hello")
    await create_template(ctx, key="hello", locale="zh-CN", subject="您好", body="您好")
    with pytest.raises(Conflict) as refused:
        await create_template(ctx, key="hello", locale="en", subject="Hi", body="Hello")
    assert refused.value.code == "template_exists"


async def test_templates_are_listed_by_keyset(ctx: Context) -> None:
    made = [(await create_template(ctx, key=f"t{n}", locale="en", subject="s", body="b")).id for n in range(3)]
    first = await list_templates(ctx, PageRequest(limit=2))
    last = await list_templates(ctx, PageRequest(limit=2, after=first.next_key))
    assert [t.id for page in (first, last) for t in page.items] == made


async def test_scopes_guard_reading_and_writing(ctx: Context) -> None:
    reader = await tenant_context(ctx.tenant_id, frozenset({"templates:read"}))
    with pytest.raises(Forbidden):
        await create_template(reader, key="hello", locale="en", subject="Hi", body="Hello")
    with pytest.raises(NotFound):
        await get_template(reader, "tpl_00000000000000000000000000")


async def test_what_a_template_said_is_kept_and_can_be_said_again(ctx: Context) -> None:
    template = await create_template(ctx, key="hello", locale="en", subject="Hi", body="One")
    await update_template(ctx, template.id, {"body": "Two"})
    await update_template(ctx, template.id, {"body": "Two"})
    restored = await restore_template(ctx, template.id, 1, expected_version=2)
    assert (restored.version, restored.body) == (3, "One")
    versions = (await list_template_versions(ctx, template.id, PageRequest())).items
    assert [(v.number, v.body, v.created_by) for v in versions] == [
        (n, body, ctx.actor.id) for n, body in ((1, "One"), (2, "Two"), (3, "One"))
    ]
    page = await list_template_versions(ctx, template.id, PageRequest(limit=1, after="1"))
    assert [v.number for v in page.items] == [2]
    with pytest.raises(PreconditionFailed):
        await restore_template(ctx, template.id, 2, expected_version=1)
    with pytest.raises(NotFound) as refused:
        await restore_template(ctx, template.id, 9)
    assert refused.value.code == "template_version_not_found"


async def test_no_version_can_be_changed_or_removed(ctx: Context) -> None:
    template = await create_template(ctx, key="hello", locale="en", subject="Hi", body="One")
    for statement in ("update template_versions set body = 'x' where", "delete from template_versions where"):
        with pytest.raises(InsufficientPrivilegeError):
            await _execute(ctx, f"{statement} tenant_id = $1 and template_id = $2", template.id)


async def test_a_notice_keeps_the_version_that_it_was_made_from(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    template = await create_template(ctx, key="overdue_notice", locale="en", subject="Own", body="One")
    (own,) = await queue_notices(ctx, await load_templates(ctx, {"overdue_notice"}), [a_draft(contact, receivable)])
    await update_template(ctx, template.id, {"body": "Two"})
    (later,) = await queue_notices(ctx, await load_templates(ctx, {"overdue_notice"}), [a_draft(contact, receivable)])
    (shipped,) = await queue_notices(ctx, TemplateBook(), [a_draft(contact, receivable)])
    assert await get_notice(ctx, own.id) == own
    assert [(n.template_id, n.template_version, n.body) for n in (own, later)] == [
        (template.id, 1, "One\n"),
        (template.id, 2, "Two\n"),
    ]
    assert (shipped.template_id, shipped.template_version) == ("shipped:overdue_notice@en", None)
    assert len({own.template_sha256, later.template_sha256, shipped.template_sha256}) == 3


async def test_there_is_one_template_for_each_tone_and_one_for_any(ctx: Context) -> None:
    text: dict[str, Any] = {"key": "overdue_notice", "locale": "en", "subject": "Hi"}
    await create_template(ctx, **text, body="any")
    await create_template(ctx, **text, body="firm", tone="firm")
    for tone in (None, "firm"):
        with pytest.raises(Conflict):
            await create_template(ctx, **text, body="again", tone=tone)
    book = await load_templates(ctx, {"overdue_notice"})
    said = [book.render("overdue_notice", "email", "en", {}, tone).body for tone in ("firm", "friendly", None)]
    assert said == ["firm\n", "any\n", "any\n"]


async def test_short_channels_have_their_own_texts(ctx: Context) -> None:
    made = await create_template(ctx, key="hello", locale="zh-CN", channel="sms", body="{{ customer_name }}您好")
    assert (made.subject, made.channel) == ("", "sms")
    changed = await update_template(ctx, made.id, {"body": "您好"})
    assert changed.version == 2
    for wrong, pointer, code in (
        ({"body": "催" * 501}, "/body", "text_too_long"),
        ({"subject": "s"}, "/subject", "subject_not_allowed"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await update_template(ctx, made.id, wrong)
        assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]


async def _execute(ctx: Context, statement: str, template_id: str) -> None:
    async with transaction(ctx) as tx:
        await tx.execute(statement, ctx.tenant_id, template_id)
