"""Many rows in one statement through `unnest`, which reaches two thirds of COPY's speed and, unlike COPY, obeys row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from domain.storage.engine import BoundTransaction


async def insert_rows(
    tx: BoundTransaction, table: str, columns: dict[str, str], rows: Sequence[Sequence[Any]], suffix: str = ""
) -> None:
    """Inserts rows given as tuples in the order of `columns`, a mapping from column name to PostgreSQL type.

    jsonb values are given as JSON text. `suffix` is appended, e.g. `on conflict do nothing`.
    """
    if rows:
        await tx.execute(_insert(table, tuple(columns.items()), suffix), *map(list, zip(*rows, strict=True)))


async def update_rows(
    tx: BoundTransaction, table: str, keys: dict[str, str], columns: dict[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    """Sets `columns` of the rows found by `keys`; each row is a tuple of the keys' values followed by the columns'."""
    if rows:
        statement = _update(table, tuple(keys.items()), tuple(columns.items()))
        await tx.execute(statement, *map(list, zip(*rows, strict=True)))


@cache
def _insert(table: str, columns: tuple[tuple[str, str], ...], suffix: str) -> str:
    names = ", ".join(name for name, _ in columns)
    return (
        f"insert into {table} ({names}) select {_casts(columns)} from unnest({_arrays(columns)}) as u({names}) {suffix}"
    )


@cache
def _update(table: str, keys: tuple[tuple[str, str], ...], columns: tuple[tuple[str, str], ...]) -> str:
    everything = keys + columns
    names = ", ".join(name for name, _ in everything)
    sets = ", ".join(f"{name} = u.{name}{'::jsonb' if kind == 'jsonb' else ''}" for name, kind in columns)
    where = " and ".join(f"t.{name} = u.{name}" for name, _ in keys)
    return f"update {table} t set {sets} from unnest({_arrays(everything)}) as u({names}) where {where}"


def _casts(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name}::jsonb" if kind == "jsonb" else name for name, kind in columns)


def _arrays(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"${n}::{'text' if kind == 'jsonb' else kind}[]" for n, (_, kind) in enumerate(columns, 1))
