"""Many rows in one statement through `unnest`, which reaches two thirds of COPY's speed and, unlike COPY, obeys row-level security.

What many rows say travels by column. One that says the same in all rows is sent once. One of texts is sent as a single text in UTF-8
that PostgreSQL splits: the driver looks at each element of an array to find out whether it is an array itself, and that takes longer
than all else that is done with it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from domain.storage.engine import BoundTransaction

# What cannot be an element of an array that is unnested travels as JSON text.
_AS_JSON = {"jsonb": "u.{}::jsonb", "text[]": "array(select jsonb_array_elements_text(u.{}::jsonb))"}
# Below this no column is looked at twice.
_MANY = 100
# Unit and record separator, which stand in no text that people write; a column in which they do is sent as an array.
_BETWEEN, _NOTHING = b"\x1f", b"\x1e"
_SPLIT = r"string_to_array(convert_from(${}::bytea, 'UTF8'), E'\x1f', E'\x1e')"
_SPLIT_KINDS = {"text", "numeric", *_AS_JSON}
# Amounts that are equal need not have the same number of digits.
_COMPARED_BY_IDENTITY = {"numeric"}


async def insert_rows(
    tx: BoundTransaction,
    table: str,
    columns: dict[str, str],
    rows: Sequence[Sequence[Any]],
    suffix: str = "",
    *,
    shared: dict[str, Any] | None = None,
) -> None:
    """Inserts rows given as tuples in the order of `columns`, a mapping from column name to PostgreSQL type.

    jsonb values, and those of a column of text[], are given as JSON text; the texts of a column may all be in UTF-8 already. `suffix`
    is appended, e.g. `on conflict do nothing`. What all rows have in common may be said once: columns named in `shared` are not in the
    tuples.
    """
    if rows:
        given = given_rows(columns, rows, shared=shared)
        statement = _insert(table, tuple(columns.items()), given.shape, suffix)
        await tx.execute(statement, *given.arguments)


async def update_rows(
    tx: BoundTransaction, table: str, keys: dict[str, str], columns: dict[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    """Sets `columns` of the rows found by `keys`; each row is a tuple of the keys' values followed by the columns'.

    Every key comes with every row: a key said once for all lets the planner read all that has it while a table grows.
    """
    if rows:
        given = given_rows({**keys, **columns}, rows, always=keys)
        statement = _update(table, tuple(keys.items()), tuple(columns.items()), given.shape)
        await tx.execute(statement, *given.arguments)


Shape = tuple[tuple[str, str, str], ...]
"""Of each parameter in their order: the column, its PostgreSQL type, and whether it is `shared`, `split` or an `array`."""


@dataclass(frozen=True, slots=True)
class GivenRows:
    """Rows as parameters of a statement: what they are, and their values."""

    shape: Shape
    arguments: list[Any]


def given_rows(
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    *,
    shared: Mapping[str, Any] | None = None,
    always: Container[str] = (),
) -> GivenRows:
    """How rows are told in the fewest words; columns in `always` come with every row."""
    common = shared or {}
    names = [name for name in columns if name not in common]
    told = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    if len(rows) >= _MANY:
        same = [name for name in names if name not in always and _is_constant(told[name], columns[name])]
        # Some column has to say how many rows there are.
        kept = set(names[:1] if len(same) == len(names) else ())
        common = {**common, **{name: _plain(told.pop(name)[0], columns[name]) for name in same if name not in kept}}
    forms = [(name, columns[name], "shared", value) for name, value in common.items()]
    forms += [(name, columns[name], *_written(column, columns[name])) for name, column in told.items()]
    return GivenRows(tuple((name, kind, form) for name, kind, form, _ in forms), [value for *_, value in forms])


def rows_from(shape: Shape, first: int = 1, *, numbered_as: str | None = None) -> tuple[dict[str, str], str]:
    """How each column's value is written in SQL, and the relation of the rows; the parameters are numbered from `first`.

    `numbered_as` names a further column that counts the rows from 1.
    """
    values: dict[str, str] = {}
    arrays: dict[str, str] = {}
    for n, (name, kind, form) in enumerate(shape, first):
        if form == "shared":
            values[name] = f"${n}::{kind}"
            continue
        values[name] = _AS_JSON.get(kind, "u.{}").format(name)
        sent_as = "text" if kind in _AS_JSON else kind
        split = _SPLIT.format(n) if sent_as == "text" else f"{_SPLIT.format(n)}::{sent_as}[]"
        arrays[name] = split if form == "split" else f"${n}::{sent_as}[]"
    ordinality, number = (" with ordinality", [numbered_as]) if numbered_as else ("", [])
    return values, f"unnest({', '.join(arrays.values())}){ordinality} as u({', '.join([*arrays, *number])})"


def _is_constant(column: Sequence[Any], kind: str) -> bool:
    first = column[0]
    if kind.endswith("[]"):
        return False
    if kind in _COMPARED_BY_IDENTITY:
        return column[-1] is first and all(value is first for value in column)
    return bool(column[-1] == first) and column.count(first) == len(column)


def _written(column: list[Any], kind: str) -> tuple[str, Any]:
    """A column as one text that is split, where it can be; else as an array."""
    if kind not in _SPLIT_KINDS:
        return "array", column
    if len(column) >= _MANY:
        told = column if kind != "numeric" else [None if amount is None else str(amount) for amount in column]
        joined = _joined(told)
        if joined is not None:
            return "split", joined
    return "array", [_plain(value, kind) for value in column]


def _plain(value: Any, kind: str) -> Any:
    return value.decode() if isinstance(value, bytes) and kind in _SPLIT_KINDS else value


def _joined(texts: Sequence[Any]) -> bytes | None:
    """In UTF-8; None if a text contains what stands between them.

    Letters beyond ASCII take more room in a str, and all letters of it then do: such texts are written one by one.
    """
    first, nothings = texts[0], texts.count(None)
    if isinstance(first, bytes) or (first is not None and not first.isascii()):
        told = [_NOTHING if text is None else text if isinstance(text, bytes) else text.encode() for text in texts]
        joined = _BETWEEN.join(told)
    else:
        joined = "\x1f".join(["\x1e" if text is None else text for text in texts] if nothings else texts).encode()
    is_plain = joined.count(_BETWEEN) == len(texts) - 1 and joined.count(_NOTHING) == nothings
    return joined if is_plain else None


@cache
def _insert(table: str, columns: tuple[tuple[str, str], ...], shape: Shape, suffix: str) -> str:
    values, given = rows_from(shape)
    names = [name for name, _ in columns]
    return f"insert into {table} ({', '.join(names)}) select {', '.join(values[name] for name in names)} from {given} {suffix}"


@cache
def _update(table: str, keys: tuple[tuple[str, str], ...], columns: tuple[tuple[str, str], ...], shape: Shape) -> str:
    values, given = rows_from(shape)
    sets = ", ".join(f"{name} = {values[name]}" for name, _ in columns)
    where = " and ".join(f"t.{name} = {values[name]}" for name, _ in keys)
    return f"update {table} t set {sets} from {given} where {where}"
