"""What migration 0013 does with rows of older versions: seals their addresses, and masks those that stand in texts.

All inside the migration's transaction, in batches, so that memory does not grow with the database. It is done once and belongs to
that migration: it must not change when the program learns to store addresses in other ways.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from domain.kernel.pii import mask_email, mask_phone, mask_text, put_back
from domain.storage.data_keys import load_keys
from domain.storage.migrate import sealer_for_migration
from domain.storage.sealing import TenantKeys

_BATCH = 2000
_MAKES_TASK = "Check with the mail provider whether a reminder to %"
Change = Callable[[TenantKeys, Any], Sequence[Any]]


async def seal_existing(connection: Any) -> None:
    """Every table that holds addresses in the open; raises RuntimeError if there are any and no server key was given."""
    keys = _KeysByTenant(connection)
    for table, key, columns, where, sets, change in _WORK:
        async for rows in _batches(connection, table, key, columns, where):
            changed = [
                (row["tenant_id"], *(row[part] for part in key), *change(await keys.of(row), row)) for row in rows
            ]
            await _update(connection, table, key, sets, changed)
    for table, key, columns, where, sets, mask in _TEXTS:
        async for rows in _batches(connection, table, key, columns, where):
            masked = [(row["tenant_id"], *(row[part] for part in key), *mask(row)) for row in rows]
            await _update(connection, table, key, sets, masked)


class _KeysByTenant:
    """The keys of one tenant after the other; rows come in the order of tenants."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._tenant_id = ""
        self._keys: TenantKeys | None = None

    async def of(self, row: Any) -> TenantKeys:
        if self._keys is None or row["tenant_id"] != self._tenant_id:
            self._tenant_id = row["tenant_id"]
            self._keys = await load_keys(self._connection, self._tenant_id, sealer_for_migration())
        return self._keys


async def _batches(
    connection: Any, table: str, key: dict[str, str], columns: str, where: str
) -> AsyncIterator[Sequence[Any]]:
    order = ", ".join(f'"{part}"' for part in ("tenant_id", *key))
    names = f"{order}, {columns}" if columns else order
    last: Sequence[Any] = ()
    while True:
        places = ", ".join(f"${n}" for n in range(1, len(last) + 1))
        after = f" and ({order}) > ({places})" if last else ""
        rows = await connection.fetch(
            f"select {names} from {table} where ({where}){after} order by {order} limit {_BATCH}", *last
        )
        if not rows:
            return
        last = [rows[-1][part] for part in ("tenant_id", *key)]
        yield rows


async def _update(
    connection: Any, table: str, key: dict[str, str], sets: dict[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    kinds = {"tenant_id": "text", **key, **sets}
    arrays = ", ".join(f"${n}::{'text' if kind == 'jsonb' else kind}[]" for n, kind in enumerate(kinds.values(), 1))
    names = ", ".join(f'"{name}"' for name in kinds)
    assigned = ", ".join(f'"{name}" = u."{name}"{"::jsonb" if kind == "jsonb" else ""}' for name, kind in sets.items())
    found = " and ".join(f't."{name}" = u."{name}"' for name in ("tenant_id", *key))
    await connection.execute(
        f"update {table} t set {assigned} from unnest({arrays}) as u ({names}) where {found}",
        *map(list, zip(*rows, strict=True)),
    )


def _contact(keys: TenantKeys, row: Any) -> Sequence[Any]:
    email, phone = row["email"], row["phone"]
    return (
        None if email is None else keys.seal(email.encode(), "contacts", row["id"], "email"),
        None if email is None else keys.search_hash(email.strip().lower()),
        None if phone is None else keys.seal(phone.encode(), "contacts", row["id"], "phone"),
    )


def _notice(keys: TenantKeys, row: Any) -> Sequence[Any]:
    return (keys.seal(row["recipient"].encode(), "notices", row["id"], "recipient"),)


def _chunk(keys: TenantKeys, row: Any) -> Sequence[Any]:
    return (keys.seal(row["content"], "operation_chunks", f"{row['operation_id']}/{row['number']}", "content"),)


def _event(keys: TenantKeys, row: Any) -> Sequence[Any]:
    data = msgspec.json.decode(row["data"])
    addresses: dict[str, str] = {}
    for noun, name, mask in _IN_EVENTS:
        value = data.get(noun, {}).get(name)
        if value is not None:
            addresses[f"/{noun}/{name}"] = value
            put_back(data, {f"/{noun}/{name}": mask(value)})
    if "task" in data:
        data["task"]["title"] = mask_text(data["task"]["title"])
    sealed = keys.seal(msgspec.json.encode(addresses), "events", row["id"], "pii") if addresses else None
    return msgspec.json.encode(data).decode(), sealed


_IN_EVENTS = (("contact", "email", mask_email), ("contact", "phone", mask_phone), ("notice", "recipient", mask_email))
_WORK: tuple[tuple[str, dict[str, str], str, str, dict[str, str], Change], ...] = (
    (
        "contacts",
        {"id": "text"},
        "email, phone",
        "email is not null or phone is not null",
        {"sealed_email": "bytea", "email_hash": "bytea", "sealed_phone": "bytea"},
        _contact,
    ),
    ("notices", {"id": "text"}, "recipient", "true", {"sealed_recipient": "bytea"}, _notice),
    (
        "operation_chunks",
        {"operation_id": "text", "number": "integer"},
        "content",
        "true",
        {"sealed_content": "bytea"},
        _chunk,
    ),
    (
        "events",
        {"sequence": "bigint"},
        "id, data",
        "type like 'contact.%' or type like 'notice.%'"
        f" or (type like 'task.%' and data #>> '{{task,title}}' like '{_MAKES_TASK}')",
        {"data": "jsonb", "sealed_pii": "bytea"},
        _event,
    ),
)
_TEXTS: tuple[tuple[str, dict[str, str], str, str, dict[str, str], Callable[[Any], Sequence[Any]]], ...] = (
    (
        "deliveries",
        {"notice_id": "text", "number": "integer"},
        "detail",
        "detail like '%@%'",
        {"detail": "text"},
        lambda row: (mask_text(row["detail"]),),
    ),
    (
        "operation_errors",
        {"operation_id": "text", "number": "bigint"},
        "value, code",
        "value like '%@%' or code = 'malformed_email'",
        {"value": "text"},
        lambda row: (mask_email(row["value"]) if row["code"] == "malformed_email" else mask_text(row["value"]),),
    ),
    (
        "tasks",
        {"id": "text"},
        "title",
        f"title like '{_MAKES_TASK}'",
        {"title": "text"},
        lambda row: (mask_text(row["title"]),),
    ),
    (
        "webhook_attempts",
        {"delivery_id": "text", "number": "integer"},
        "response_excerpt",
        "response_excerpt like '%@%'",
        {"response_excerpt": "text"},
        lambda row: (mask_text(row["response_excerpt"]),),
    ),
)
