"""Which addresses a reader without pii:read sees, and where they hide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from domain.kernel.context import Actor, Context
from domain.kernel.ids import new_id
from domain.kernel.logs import without_addresses
from domain.kernel.paging import Page
from domain.kernel.pii import (
    EMAIL,
    PHONE,
    looks_masked,
    mask_email,
    mask_phone,
    mask_text,
    masked,
    put_back,
    taken_out,
)
from domain.kernel.scopes import Scope
from domain.kernel.usecase import CATALOGUE, qualified_name, use_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with addresses."""

    name: str
    email: str | None = field(metadata=EMAIL)
    phone: str | None = field(metadata=PHONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """People further down."""

    boss: Person | None
    staff: list[Person]
    by_role: dict[str, Person]
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """Nobody."""

    name: str
    tags: list[str]


WANG = Person(name="Wang", email="wang.fang@lanhai.example", phone="+86 138 0000 6789")
MASKED = Person(name="Wang", email="w***@lanhai.example", phone="***6789")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("wang.fang@lanhai.example", "w***@lanhai.example"),
        ('"a@b"@lanhai.example', '"***@lanhai.example'),
        ("王@蓝海.example", "王***@蓝海.example"),
        ("nobody", "n***"),
        ("", "***"),
    ],
)
def test_an_email_shows_its_first_letter_and_its_domain(address: str, shown: str) -> None:
    assert mask_email(address) == shown
    assert looks_masked(shown)


def test_a_phone_shows_its_last_four_digits_unless_that_is_most_of_it() -> None:
    assert mask_phone("+86 138-0000-6789") == "***6789"
    assert mask_phone("1234567") == "***"
    assert all(looks_masked(mask_phone(number)) for number in ("", "110", "+8613800006789"))
    assert not any(looks_masked(real) for real in ("+8613800006789", "wang@lanhai.example", "a*b@lanhai.example"))


def test_texts_of_others_lose_every_address_but_the_one_to_keep() -> None:
    said = "550 <Wang.Fang@lanhai.example>: unknown, 'ops@lanhai.example', id ntc_1@dunwell.local"
    assert mask_text(said, keep="ntc_1@dunwell.local") == (
        "550 <W***@lanhai.example>: unknown, 'o***@lanhai.example', id ntc_1@dunwell.local"
    )
    assert mask_text("250 ok") == "250 ok"


def test_addresses_are_found_in_pages_lists_mappings_and_further_down() -> None:
    company = Company(boss=None, staff=[WANG], by_role={"cfo": WANG}, metadata={"email": "kept@x.example"})
    shown = masked(company)
    assert shown == Company(boss=None, staff=[MASKED], by_role={"cfo": MASKED}, metadata=company.metadata)
    assert masked(Page([WANG], "k")) == Page([MASKED], "k")
    assert masked({"a": WANG, "b": None}) == {"a": MASKED, "b": None}
    assert masked((WANG, 1)) == (MASKED, 1)
    assert masked(Person(name="x", email=None, phone=None)) == Person(name="x", email=None, phone=None)


def test_what_holds_no_address_is_handed_on_as_it_is() -> None:
    page = Page([Bare(name="x", tags=["a@b.example"])], None)
    assert masked(page) is page
    assert taken_out({"bare": page.items[0]}) == ({"bare": page.items[0]}, {})


def test_what_is_taken_out_can_be_put_back() -> None:
    shown, addresses = taken_out({"a/b~": [Bare(name="x", tags=[]), WANG]})
    assert shown["a/b~"][1] == MASKED
    assert addresses == {"/a~1b~0/1/email": WANG.email, "/a~1b~0/1/phone": WANG.phone}
    data = {"a/b~": [{}, {"email": "w***@lanhai.example", "phone": "***6789"}]}
    assert put_back(data, addresses) == {"a/b~": [{}, {"email": WANG.email, "phone": WANG.phone}]}


def test_a_line_of_the_log_loses_its_addresses() -> None:
    line = {"event": "to wang@lanhai.example", "count": 1, "exception": "Key (email)=(wang@lanhai.example)"}
    assert without_addresses(None, "error", line) == {
        "event": "to w***@lanhai.example",
        "count": 1,
        "exception": "Key (email)=(w***@lanhai.example)",
    }


async def test_only_what_leaves_for_the_caller_is_masked() -> None:
    seen: list[Person] = []

    @use_case("customers:read")
    async def find_person(ctx: Context) -> Person:
        return WANG

    @use_case("customers:read")
    async def find_boss(ctx: Context) -> Person:
        seen.append(await find_person(ctx))
        return seen[0]

    for inner in (find_person, find_boss):
        del CATALOGUE[qualified_name(inner)]
    ctx = Context(tenant_id=new_id("tnt"), actor=Actor("client", "cli_test"), scopes=frozenset({Scope.CUSTOMERS_READ}))
    assert (await find_boss(ctx), seen) == (MASKED, [WANG])
    assert await find_boss(replace(ctx, scopes=ctx.scopes | {Scope.PII_READ})) == WANG
