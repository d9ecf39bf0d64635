"""Seals anew what was sealed with an older key, in small transactions while the service runs; may be stopped and begun again.

Whatever is sealed with the present key is passed over, so a second run goes on where the first one ended. A row that somebody
changes meanwhile is left to them: they seal with the present key anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag

from domain.kernel.context import Context
from domain.storage.engine import BoundTransaction
from domain.storage.sealed_columns import BY_TENANT, SIGNING_KEYS, WRAPPED_KEYS, Place, SealedColumn
from domain.storage.sealing import Sealer, TenantKeys, sealer
from domain.storage.transaction import transaction, unbound

_BATCH = 500


@dataclass(slots=True)
class Resealed:
    """Values by column: sealed anew, and those that no key of ours opens, which are left as they are."""

    done: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)

    def add(self, column: SealedColumn, done: int, unreadable: int) -> None:
        """Counts one batch."""
        if done:
            self.done[column.name] = self.done.get(column.name, 0) + done
        if unreadable:
            self.unreadable[column.name] = self.unreadable.get(column.name, 0) + unreadable


async def reseal_tenant(ctx: Context, keys: TenantKeys, counted: Resealed) -> None:
    """All that belongs to one tenant: its values with its present key, its keys with the server's."""
    for column in BY_TENANT:
        await _through(ctx, column, keys, counted)
    await _through(ctx, WRAPPED_KEYS, sealer(), counted)


async def reseal_signing_keys(counted: Resealed) -> None:
    """The keys that sign tokens, with the server's present key."""
    async with unbound() as tx:
        await _batch(tx, SIGNING_KEYS, sealer(), [], None, counted)


async def count_outdated(ctx: Context, keys: TenantKeys) -> dict[str, int]:
    """How many values of a tenant are sealed with older keys, by column; columns without any are left out."""
    found: dict[str, int] = {}
    async with transaction(ctx) as tx:
        for column, present in [*((column, keys.mark) for column in BY_TENANT), (WRAPPED_KEYS, sealer().mark)]:
            count = await tx.fetchval(
                f"select count(*) from {column.table} where {_outdated(column, 1)} and tenant_id = $2",
                present,
                ctx.tenant_id,
            )
            if count:
                found[column.name] = count
    return found


async def _through(ctx: Context, column: SealedColumn, keys: TenantKeys | Sealer, counted: Resealed) -> None:
    last: list[Any] | None = []
    while last is not None:
        async with transaction(ctx) as tx:
            last = await _batch(tx, column, keys, last, ctx.tenant_id, counted)


async def _batch(
    tx: BoundTransaction,
    column: SealedColumn,
    keys: TenantKeys | Sealer,
    last: list[Any],
    tenant_id: str | None,
    counted: Resealed,
) -> list[Any] | None:
    """One batch after the row with the key `last`; the key of its last row, None when nothing is left."""
    key = ", ".join(column.key)
    owner, where = ("tenant_id, ", "tenant_id = $2") if tenant_id else ("", "$2::text is null")
    after = f" and ({key}) > ({', '.join(f'${n}' for n in range(3, 3 + len(last)))})" if last else ""
    rows = await tx.fetch(
        f"select {owner}{key}, {column.column} as sealed from {column.table}"
        f" where {where} and {_outdated(column, 1)}{after} order by {key} limit {_BATCH}",
        keys.mark,
        tenant_id,
        *last,
    )
    anew = [(row, plain) for row in rows if (plain := _opened(column, keys, row)) is not None]
    await _replace(tx, column, tenant_id, [(row, keys.seal(plain, *column.place(row))) for row, plain in anew])
    counted.add(column, len(anew), len(rows) - len(anew))
    return [rows[-1][part] for part in column.key] if len(rows) == _BATCH else None


def _outdated(column: SealedColumn, place: int) -> str:
    """Sealed with another key than the one with this mark; what was erased is empty."""
    return f"substring({column.column} from 1 for length(${place}::bytea)) <> ${place} and length({column.column}) > 0"


def _opened(column: SealedColumn, keys: TenantKeys | Sealer, row: Any) -> bytes | None:
    attempts: list[tuple[TenantKeys | Sealer, Place]] = [(keys, column.place(row))]
    if column.place_by_server is not None:
        attempts.append((sealer(), column.place_by_server(row)))
    for key, place in attempts:
        try:
            return key.open(row["sealed"], *place)
        except InvalidTag:
            continue
    return None


async def _replace(
    tx: BoundTransaction, column: SealedColumn, tenant_id: str | None, anew: list[tuple[Any, bytes]]
) -> None:
    """Only where the value is still the one that was opened."""
    if not anew:
        return
    kinds = {**column.key, "before": "bytea", "after": "bytea"}
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(kinds.values(), 2))
    found = " and ".join(f"t.{part} = u.{part}" for part in column.key)
    where = "t.tenant_id = $1" if tenant_id else "$1::text is null"
    rows = [(*(row[part] for part in column.key), row["sealed"], sealed) for row, sealed in anew]
    await tx.execute(
        f"update {column.table} t set {column.column} = u.after from unnest({arrays}) as u ({', '.join(kinds)})"
        f" where {where} and {found} and t.{column.column} = u.before",
        tenant_id,
        *map(list, zip(*rows, strict=True)),
    )
