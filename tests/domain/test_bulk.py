"""Many rows in one statement: whatever the columns say, the rows arrive as they were given."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from domain.storage.bulk import given_rows, insert_rows, rows_from, update_rows

MANY = 150
COLUMNS = {
    "id": "integer",
    "told": "text",
    "amount": "numeric",
    "at": "timestamptz",
    "on_day": "date",
    "data": "jsonb",
    "tags": "text[]",
    "sealed": "bytea",
    "is_open": "boolean",
}
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
# What stands between the texts of a column, and what stands for none.
BETWEEN, NOTHING = "\x1f", "\x1e"


@pytest.fixture
async def tx(database_url: str) -> AsyncIterator[Any]:
    """A connection with a table of its own."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "create temp table given (id integer, told text, amount numeric, at timestamptz, on_day date, data jsonb, tags text[],"
        " sealed bytea, is_open boolean)"
    )
    yield connection
    await connection.close()


def row(n: int, **values: Any) -> tuple[Any, ...]:
    """The nth row; what is not named is another in each."""
    own = {
        "id": n,
        "told": f"text {n}",
        "amount": Decimal(n) / 4,
        "at": NOW + timedelta(minutes=n),
        "on_day": date(2026, 1, 1) + timedelta(days=n),
        "data": json.dumps({"n": n, "text": "\x1f\x1e"}),
        "tags": json.dumps([f"tag {n}", "上海"]),
        "sealed": b"\x1f\x1e" + bytes([n]),
        "is_open": n % 2 == 0,
    }
    return tuple({**own, **values}[name] for name in COLUMNS)


def as_stored(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as it is read."""
    values = dict(zip(COLUMNS, given, strict=True))
    told = values["told"]
    values["told"] = told.decode() if isinstance(told, bytes) else told
    values["data"] = json.loads(values["data"]) if values["data"] is not None else None
    values["tags"] = json.loads(values["tags"])
    return tuple(values.values())


async def stored(tx: Any) -> list[tuple[Any, ...]]:
    rows = await tx.fetch("select * from given order by id")
    return [tuple(json.loads(v) if k == "data" and v is not None else v for k, v in row.items()) for row in rows]


CASES: dict[str, Any] = {
    "all different": lambda n: {},
    "all the same": lambda n: {
        "told": "same",
        "amount": Decimal("1.50"),
        "at": NOW,
        "on_day": date(2026, 1, 1),
        "data": "{}",
        "tags": "[]",
        "sealed": b"x",
        "is_open": True,
    },
    "nothing": lambda n: {"told": None, "amount": None, "at": None, "data": None, "sealed": None},
    "nothing here and there": lambda n: {"told": None if n % 3 else "x", "amount": None if n % 5 else Decimal(n)},
    "nothing at first": lambda n: {"told": "尊敬的客户" if n else None},
    "letters of all kinds": lambda n: {"told": f"{n}: 尊敬的客户 ü \U0001f4b6 \n\t\\ \" ' {{}},NULL"},
    "letters beyond ASCII later": lambda n: {"told": "x" if n < MANY - 1 else "结"},
    "empty texts": lambda n: {"told": "" if n % 2 else "x"},
    "what stands between": lambda n: {"told": f"a{BETWEEN}b {n}"},
    "what stands for nothing": lambda n: {"told": NOTHING if n == 7 else "x"},
    "what stands for nothing, beyond ASCII": lambda n: {"told": NOTHING if n == 7 else "结"},
    "already in UTF-8": lambda n: {"told": f"结 {n}".encode()},
    "already in UTF-8, with what stands between": lambda n: {"told": f"结{BETWEEN}{n}".encode()},
    "already in UTF-8, all the same": lambda n: {"told": b"same"},
    "equal amounts of other digits": lambda n: {"amount": Decimal("1.5") if n % 2 else Decimal("1.500")},
    "equal instants in other zones": lambda n: {"at": NOW.astimezone(timezone(timedelta(hours=n % 12)))},
    "large and small amounts": lambda n: {"amount": Decimal(10) ** (n % 15) + Decimal("0.0001")},
}


@pytest.mark.parametrize("count", [1, 2, MANY])
@pytest.mark.parametrize("case", CASES)
async def test_rows_are_stored_as_they_were_given(tx: Any, case: str, count: int) -> None:
    rows = [row(n, **CASES[case](n)) for n in range(count)]
    await insert_rows(tx, "given", COLUMNS, rows)
    found = await stored(tx)
    assert found == [as_stored(one) for one in rows]
    # Decimals are equal whatever their digits.
    assert [str(one[2]) for one in found] == [str(one[2]) for one in rows]


async def test_what_is_said_once_for_all_need_not_be_in_the_rows(tx: Any) -> None:
    rows = [(n, f"text {n}") for n in range(MANY)]
    columns = {"is_open": "boolean", "id": "integer", "told": "text"}
    await insert_rows(tx, "given", columns, rows, shared={"is_open": True})
    assert [one[:2] for one in await stored(tx)] == rows
    assert {one[-1] for one in await stored(tx)} == {True}


@pytest.mark.parametrize("case", CASES)
async def test_rows_are_changed_to_what_was_given(tx: Any, case: str) -> None:
    await insert_rows(tx, "given", COLUMNS, [row(n) for n in range(MANY)])
    rows = [row(n, **CASES[case](n)) for n in range(MANY)]
    columns = {name: kind for name, kind in COLUMNS.items() if name != "id"}
    await update_rows(tx, "given", {"id": "integer"}, columns, rows)
    assert await stored(tx) == [as_stored(one) for one in rows]


async def test_rows_are_numbered_in_their_order(tx: Any) -> None:
    given = given_rows({"told": "text", "amount": "numeric"}, [(f"text {n}", Decimal(n)) for n in range(MANY)])
    values, relation = rows_from(given.shape, first=2, numbered_as="n")
    rows = await tx.fetch(f"select $1::int + n as n, {values['told']} as told from {relation}", 100, *given.arguments)
    assert [tuple(one) for one in rows] == [(101 + n, f"text {n}") for n in range(MANY)]


async def test_no_rows_are_no_statement(tx: Any) -> None:
    await insert_rows(tx, "no_such_table", COLUMNS, [])
    await update_rows(tx, "no_such_table", {"id": "integer"}, {"told": "text"}, [])
