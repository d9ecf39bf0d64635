"""Import profiles: a mapping kept under a name, from which imports start."""

from __future__ import annotations

from typing import Any

import pytest

from domain.access.tenants import create_tenant
from domain.customers.customers import get_customer_by_external_id
from domain.importing.imports import start_import
from domain.importing.model import ImportProfile
from domain.importing.profiles import (
    create_import_profile,
    delete_import_profile,
    get_import_profile,
    list_import_profiles,
    replace_import_profile,
)
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.operations.operations import list_operations
from tests.factories import tenant_context
from tests.factories_ledger import events_of, imported, pieces, worked_off

MAPPING = {"columns": {"external_id": "Code", "name": "Name"}, "delimiter": ";", "defaults": {"locale": "en"}}


@pytest.fixture
async def other_tenant_ctx(other_platform: PlatformContext) -> Context:
    """A client of a tenant that has nothing to do with the test's."""
    made = await create_tenant(
        other_platform, name="Other", mode="live", base_currency="CNY", time_zone="UTC", locale="en"
    )
    return await tenant_context(made.id)


async def a_profile(ctx: Context, **changes: Any) -> ImportProfile:
    """How the customers of a test are read."""
    return await create_import_profile(ctx, **{"name": "CRM export", "kind": "customers", "mapping": MAPPING} | changes)


async def test_a_profile_is_kept_said_anew_and_forgotten(ctx: Context) -> None:
    made = await a_profile(ctx)
    assert (made.name, made.kind, made.mapping, made.version) == ("CRM export", "customers", MAPPING, 1)
    assert await get_import_profile(ctx, made.id) == made
    same = await replace_import_profile(ctx, made.id, name="CRM export", kind="customers", mapping=MAPPING)
    assert same == made
    fields: dict[str, Any] = {"name": "Bank", "kind": "payments", "mapping": {"date_format": "D.M.YYYY"}}
    with pytest.raises(PreconditionFailed):
        await replace_import_profile(ctx, made.id, **fields, expected_version=2)
    changed = await replace_import_profile(ctx, made.id, **fields, expected_version=1)
    assert (changed.name, changed.kind, changed.mapping, changed.version) == (*fields.values(), 2)
    other = await a_profile(ctx)
    assert (await list_import_profiles(ctx, PageRequest())).items == [changed, other]
    with pytest.raises(PreconditionFailed):
        await delete_import_profile(ctx, made.id, expected_version=1)
    await delete_import_profile(ctx, made.id, expected_version=2)
    for gone in (get_import_profile, delete_import_profile):
        with pytest.raises(NotFound):
            await gone(ctx, made.id)
    told = [(e.type, e.data["import_profile"]["name"]) for e in await events_of(ctx)]
    assert told == [
        ("import_profile.created", "CRM export"),
        ("import_profile.updated", "Bank"),
        ("import_profile.created", "CRM export"),
        ("import_profile.deleted", "Bank"),
    ]


async def test_a_name_is_one_profiles_in_a_tenant(ctx: Context, other_tenant_ctx: Context) -> None:
    await a_profile(ctx)
    other = await a_profile(ctx, name="Other")
    await a_profile(other_tenant_ctx)
    with pytest.raises(Conflict) as taken:
        await a_profile(ctx)
    assert taken.value.code == "import_profile_name_taken"
    with pytest.raises(Conflict) as taken:
        await replace_import_profile(ctx, other.id, name="CRM export", kind="customers", mapping={})
    assert taken.value.code == "import_profile_name_taken"
    assert await get_import_profile(ctx, other.id) == other


@pytest.mark.parametrize(
    ("mapping", "pointer", "code"),
    [
        ({"colums": {}}, "/mapping/colums", "unknown_field"),
        ({"columns": {"due_on": "Due"}}, "/mapping/columns/due_on", "unknown_field"),
        ({"date_format": "YY"}, "/mapping/date_format", "unknown_date_format"),
        ({"sheet": "x" * 32}, "/mapping/sheet", "malformed_mapping"),
        ({"sheet": "a\x00b"}, "/mapping/sheet", "malformed_mapping"),
        ({"delimiter": "::"}, "/mapping/delimiter", "unknown_delimiter"),
        ({"encoding": "latin-1"}, "/mapping/encoding", "unknown_charset"),
        ({"defaults": {"external_id": "c-1"}}, "/mapping/defaults/external_id", "default_not_allowed"),
        ({"defaults": {"email": "a@lanhai.example"}}, "/mapping/defaults/email", "default_not_allowed"),
    ],
)
async def test_a_mapping_is_checked_when_it_is_kept(
    ctx: Context, mapping: dict[str, Any], pointer: str, code: str
) -> None:
    made = await a_profile(ctx)
    with pytest.raises(InvalidInput) as refused:
        await a_profile(ctx, name="Wrong", mapping=mapping)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]
    with pytest.raises(InvalidInput):
        await replace_import_profile(ctx, made.id, name="Wrong", kind="customers", mapping=mapping)
    assert (await list_import_profiles(ctx, PageRequest())).items == [made]


async def test_an_import_starts_from_a_profile_by_id_or_name(ctx: Context) -> None:
    made = await a_profile(ctx)
    for n, named in enumerate((made.id, made.name)):
        operation = await imported(ctx, f"Code;Name\nc-{n};Lanhai\n", kind="customers", profile=named)
        assert operation.progress.created == 1
        assert (await get_customer_by_external_id(ctx, f"c-{n}")).locale == "en"


async def test_an_id_wins_over_a_profile_that_is_called_so(ctx: Context) -> None:
    made = await a_profile(ctx)
    await a_profile(ctx, name=made.id, mapping={})
    assert (await imported(ctx, "Code;Name\nc-1;Lanhai\n", kind="customers", profile=made.id)).progress.created == 1


async def test_what_the_call_says_replaces_what_the_profile_says_key_by_key(ctx: Context) -> None:
    made = await a_profile(ctx)
    mapping = {"defaults": {"locale": "zh-CN"}, "delimiter": "|"}
    operation = await imported(ctx, "Code|Name\nc-1|Lanhai\n", kind="customers", profile=made.id, mapping=mapping)
    assert operation.progress.created == 1
    assert (await get_customer_by_external_id(ctx, "c-1")).locale == "zh-CN"
    assert await get_import_profile(ctx, made.id) == made


async def test_an_import_goes_on_with_the_mapping_that_it_began_with(ctx: Context) -> None:
    made = await a_profile(ctx)
    content = pieces(b"Code;Name\nc-1;Lanhai\n")
    operation = await start_import(ctx, kind="customers", chunks=content, profile=made.name)
    await replace_import_profile(ctx, made.id, name="Elsewhere", kind="payments", mapping={"delimiter": "|"})
    await delete_import_profile(ctx, made.id)
    assert (await worked_off(ctx, operation)).progress.created == 1


async def test_a_profile_that_does_not_fit_is_refused_before_anything_is_stored(
    ctx: Context, other_tenant_ctx: Context
) -> None:
    made = await a_profile(ctx)
    foreign = await a_profile(other_tenant_ctx, name="Foreign")
    for named, kind, code in (
        (made.id, "payments", "profile_of_another_kind"),
        ("Nobody", "customers", "import_profile_not_found"),
        (foreign.id, "customers", "import_profile_not_found"),
        (foreign.name, "customers", "import_profile_not_found"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await imported(ctx, "Code;Name\n", kind=kind, profile=named)
        assert [(e.pointer, e.code) for e in refused.value.errors] == [("profile", code)]
    with pytest.raises(InvalidInput) as refused:
        await imported(ctx, "Code;Name\n", kind="customers", profile=made.id, mapping={"columns": {"due_on": "Due"}})
    assert refused.value.errors[0].pointer == "mapping/columns/due_on"
    assert (await list_operations(ctx, PageRequest())).items == []


async def test_reading_a_profile_is_not_changing_one(ctx: Context) -> None:
    made = await a_profile(ctx)
    reader = await tenant_context(ctx.tenant_id, frozenset({"imports:read"}))
    assert await get_import_profile(reader, made.id) == made
    with pytest.raises(Forbidden):
        await a_profile(reader, name="Other")
