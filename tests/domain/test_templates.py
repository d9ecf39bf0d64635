"""Templates on a real PostgreSQL."""

from __future__ import annotations

import pytest

from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.messaging.rules.liquid import VARIABLES
from domain.messaging.templates import create_template, get_template, list_templates, load_templates, update_template
from tests.factories import tenant_context


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
