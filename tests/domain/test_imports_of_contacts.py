"""Contacts out of a file: told apart by customer and mailbox, and a bad one takes no other with it."""

from __future__ import annotations

import asyncio

import pytest

from domain.customers.address_index import contact_ids_at
from domain.customers.contacts import create_contact, list_contacts
from domain.customers.model import Contact, Customer
from domain.importing.imports import start_import
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import PageRequest
from domain.operations.model import Progress
from tests.factories import a_customer
from tests.factories_ledger import count, errors_of, events_of, imported, pieces, worked_off

HEADER = "customer_external_id,name,email,phone,role,locale\n"


async def contacts_of(ctx: Context, customer: Customer) -> list[Contact]:
    """A customer's contacts, oldest first."""
    return (await list_contacts(ctx, customer.id, PageRequest(limit=200))).items


async def test_contacts_are_added_once_and_changed_where_the_file_says_else(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    content = (
        HEADER
        + "c-1,Wang Fang,wang.fang@lanhai.example,+86 138 0000 6789,billing,zh-CN\n"
        + "c-1,Li Wei,LI.WEI@lanhai.example,,escalation,\n"
        + "c-1,Front desk,,+86 21 5555 0000,,\n"
    )
    operation = await imported(ctx, content, kind="contacts")
    assert (operation.state, operation.progress) == ("succeeded", Progress(processed=3, created=3))
    made = sorted(await contacts_of(ctx, customer), key=lambda contact: contact.name)
    assert [(c.name, c.email, c.phone, c.role, c.locale) for c in made] == [
        ("Front desk", None, "+86 21 5555 0000", "billing", None),
        ("Li Wei", "LI.WEI@lanhai.example", None, "escalation", None),
        ("Wang Fang", "wang.fang@lanhai.example", "+86 138 0000 6789", "billing", "zh-CN"),
    ]
    events = await events_of(ctx, "contact.created", "contact.updated")
    assert [event.type for event in events] == ["contact.created"] * 3

    again = await imported(ctx, content.replace("LI.WEI", "li.wei"), kind="contacts")
    assert again.progress == Progress(processed=3, unchanged=3)
    assert sorted(await contacts_of(ctx, customer), key=lambda contact: contact.name) == made
    assert await events_of(ctx, "contact.created", "contact.updated") == events

    content = HEADER + "c-1,Li Wei,li.wei@lanhai.example,+86 139,,en\nc-1,Reception,,+86 21 5555 0000,other,\n"
    changed = await imported(ctx, content, kind="contacts")
    assert changed.progress == Progress(processed=2, updated=2)
    now = {contact.id: contact for contact in await contacts_of(ctx, customer)}
    desk, li = now[made[0].id], now[made[1].id]
    assert (desk.name, desk.role, desk.version) == ("Reception", "other", 2)
    assert (li.email, li.phone, li.role, li.locale) == ("LI.WEI@lanhai.example", "+86 139", "escalation", "en")
    updated = await events_of(ctx, "contact.updated")
    assert sorted(event.data["contact"]["name"] for event in updated) == ["Li Wei", "Reception"]


async def test_a_contact_that_the_api_made_is_known_and_keeps_what_it_opted_out_of(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    await create_contact(ctx, customer.id, name="Wang", email="Wang@lanhai.example", opted_out_channels=["email"])
    row = "c-1,Wang Fang,wang@LANHAI.example,,,\n"
    assert (await imported(ctx, HEADER + row, kind="contacts")).progress.updated == 1
    (contact,) = await contacts_of(ctx, customer)
    assert (contact.name, contact.email, contact.opted_out_channels) == ("Wang Fang", "Wang@lanhai.example", ["email"])


async def test_the_same_mailbox_at_two_customers_is_two_contacts(ctx: Context) -> None:
    customers = [await a_customer(ctx, external_id=f"c-{n}") for n in (1, 2)]
    rows = "c-1,Wang,shared@lanhai.example,,,\nc-2,Wang,shared@lanhai.example,,,\n"
    assert (await imported(ctx, HEADER + rows, kind="contacts")).progress.created == 2
    assert [len(await contacts_of(ctx, customer)) for customer in customers] == [1, 1]


async def test_a_phone_number_alone_never_finds_the_contact_of_a_mailbox(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    await create_contact(ctx, customer.id, name="Wang", email="wang@lanhai.example", phone="+86 21 5555 0000")
    rows = "c-1,Switchboard,,+86 21 5555 0000,,\n"
    assert (await imported(ctx, HEADER + rows, kind="contacts")).progress.created == 1
    assert [contact.name for contact in await contacts_of(ctx, customer)] == ["Wang", "Switchboard"]


async def test_a_bad_contact_is_its_own_error_alone_and_shows_no_address(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    content = (
        HEADER
        + "c-9,Wang Fang,wang@lanhai.example,,,\n"
        + "c-1,Wang Fang,nobody,,,\n"
        + "c-1,Wang Fang,,,,\n"
        + "c-1,,w***@lanhai.example,***6789,boss,tlh\n"
        + f"c-1,Wang Fang,w@lanhai.example,{'1' * 33},,\n"
        + "c-1,Wang Fang,good@lanhai.example,,,\n"
        + "c-1,Wang Fang,GOOD@lanhai.example,,,\n"
        + "c-1,Desk,,+86 21 5555 0000,,\n"
        + "c-1,Desk,,+86 21 5555 0000,,\n"
    )
    operation = await imported(ctx, content, kind="contacts")
    assert operation.progress == Progress(processed=9, created=2, failed=7)
    assert [(e.line, e.column, e.code, e.value) for e in await errors_of(ctx, operation)] == [
        (2, "customer_external_id", "customer_not_found", "c-9"),
        (3, "email", "malformed_email", "n***"),
        (4, "email", "missing_address", "***"),
        (5, "name", "missing_value", ""),
        (5, "email", "masked_address", "w***@lanhai.example"),
        (5, "phone", "masked_address", "***"),
        (5, "role", "unknown_role", "boss"),
        (5, "locale", "unknown_locale", "tlh"),
        (6, "phone", "too_long", "***1111"),
        (8, "email", "duplicate_contact", "G***@lanhai.example"),
        (10, "phone", "duplicate_contact", "***0000"),
    ]
    assert len(await contacts_of(ctx, customer)) == 2


async def test_a_dry_run_finds_the_same_and_stores_nothing(ctx: Context) -> None:
    await a_customer(ctx, external_id="c-1")
    rows = "c-1,Wang,a@lanhai.example,,,\nc-2,Wang,a@lanhai.example,,,\n"
    operation = await imported(ctx, HEADER + rows, kind="contacts", dry_run=True)
    assert operation.progress == Progress(processed=2, created=1, failed=1)
    assert await count(ctx, "contacts") == 0
    assert await events_of(ctx, "contact.created") == []


async def test_columns_have_the_files_names_and_defaults_stand_in_but_for_addresses(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    mapping = {
        "columns": {"name": "Name", "email": "Mail"},
        "defaults": {"customer_external_id": "c-1", "role": "other"},
    }
    operation = await imported(ctx, "Name,Mail\nWang,a@lanhai.example\n", kind="contacts", mapping=mapping)
    assert operation.progress.created == 1
    assert [contact.role for contact in await contacts_of(ctx, customer)] == ["other"]
    for name, value, code in (("email", "a@b.example", "default_not_allowed"), ("role", "boss", "unknown_role")):
        with pytest.raises(InvalidInput) as refused:
            await imported(ctx, HEADER, kind="contacts", mapping={"defaults": {name: value}})
        assert [(e.pointer, e.code) for e in refused.value.errors] == [(f"mapping/defaults/{name}", code)]


async def test_two_imports_of_one_file_at_once_add_each_contact_once(ctx: Context) -> None:
    for n in range(5):
        await a_customer(ctx, external_id=f"c-{n}")
    content = HEADER + "".join(f"c-{n % 5},Person {n},p{n}@lanhai.example,,,\n" for n in range(60))
    started = [await start_import(ctx, kind="contacts", chunks=pieces(content.encode())) for _ in range(2)]
    done = await asyncio.gather(*(worked_off(ctx, operation) for operation in started))
    assert sum(operation.progress.created for operation in done) == 60
    assert sum(operation.progress.unchanged for operation in done) == 60
    assert await count(ctx, "contacts") == 60


async def test_addresses_of_other_channels_are_added_to_those_that_are_known(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    head = HEADER.replace("\n", ",addresses\n")
    line = "c-1,Wang Fang,wang.fang@lanhai.example,,,,"
    await imported(ctx, head + line + "wecom=wm1; push=t=1\n", kind="contacts")
    await imported(ctx, head + line + "wecom=wm2\n", kind="contacts")
    again = await imported(ctx, head + line + "\n", kind="contacts")
    assert again.progress == Progress(processed=1, unchanged=1)
    (made,) = await contacts_of(ctx, customer)
    assert made.addresses == {"wecom": "wm2", "push": "t=1"}
    assert await contact_ids_at(ctx, "wecom", "wm1") == []
    assert await contact_ids_at(ctx, "wecom", "wm2") == [made.id]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("wm1", "malformed_addresses"),
        ("wecom=a;wecom=b", "malformed_addresses"),
        ("WeCom=a", "malformed_channel"),
        ("wecom=", "malformed_address"),
        ("wecom=w***", "masked_address"),
    ],
)
async def test_wrong_addresses_take_their_line_and_are_not_repeated(ctx: Context, said: str, code: str) -> None:
    await a_customer(ctx, external_id="c-1")
    head = HEADER.replace("\n", ",addresses\n")
    operation = await imported(ctx, f"{head}c-1,Wang Fang,w@lanhai.example,,,,{said}\n", kind="contacts")
    (error,) = await errors_of(ctx, operation)
    assert (error.column, error.code, error.value) == ("addresses", code, "***")
