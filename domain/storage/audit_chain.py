"""The audit log's writing end: what a use case changed is chained to what was recorded before, in the same transaction.

Each entry holds the SHA-256 hash of its own content and of the hash before it, so that a changed, removed or inserted row
breaks the chain from there on. The owner's head row is taken as the very last thing of a transaction, after the event counter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, AnyContext
from domain.kernel.ids import new_id
from domain.kernel.usecase import Act, current_act
from domain.storage.transaction import defer, sql

GENESIS = bytes(32)
# The entries and the head in one round trip. Arrays cannot hold rows of arrays, so object ids travel as JSON.
_APPEND = """
    with head as (update audit_heads set last_sequence = $2, last_hash = $3 where owner_id = $1)
    insert into audit_entries (owner_id, sequence, id, recorded_at, action, actor_kind, actor_id, client_id, address,
      request_id, object_ids, details, previous_hash, hash)
    select owner_id, sequence, id, recorded_at, action, actor_kind, actor_id, client_id, address, request_id,
      array(select jsonb_array_elements_text(object_ids::jsonb)), details::jsonb, previous_hash, hash
    from unnest($4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[],
      $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[], $17::bytea[])
      as given (owner_id, sequence, id, recorded_at, action, actor_kind, actor_id, client_id, address, request_id,
        object_ids, details, previous_hash, hash)
"""
MOST_OBJECTS = 20
"""How many object ids an entry names; an act that touches more says so in its details."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """The content of an entry that its hash covers."""

    owner_id: str
    sequence: int
    id: str
    recorded_at: datetime
    action: str
    actor: Actor
    request_id: str | None
    object_ids: tuple[str, ...]
    details: dict[str, Any]


@dataclass(slots=True)
class _Touched:
    act: Act | str
    actor: Actor
    object_id: str | None
    details: dict[str, Any] = field(default_factory=dict)
    owner_id: str | None = None


def audited(ctx: AnyContext, object_id: str, *, tenant_id: str | None = None, **details: Any) -> None:
    """Notes, in the open transaction, that the running use case changed `object_id`; the engine's own work is not an act.

    A platform that changes something of a tenant's names it: the tenant's own log tells it too.
    """
    act = current_act()
    if act is not None and ctx.actor.kind != "system":
        _note(ctx, act, object_id, tenant_id, details)


def audit(ctx: AnyContext, action: str, object_id: str | None, actor: Actor | None = None, **details: Any) -> None:
    """Notes something that is no use case's change, such as a failed sign-in, in the open transaction."""
    _note(ctx, action, object_id, None, details, actor)


def content_hash(previous: bytes, record: AuditRecord) -> bytes:
    """SHA-256 of the previous hash and the record as canonical JSON (sorted keys, instants in UTC to the microsecond)."""
    instant = record.recorded_at.isoformat(timespec="microseconds")
    actor = [record.actor.kind, record.actor.id, record.actor.client_id, record.actor.address]
    content = [
        record.owner_id,
        record.sequence,
        record.id,
        instant,
        record.action,
        actor,
        record.request_id,
        list(record.object_ids),
        record.details,
    ]
    return hashlib.sha256(previous + msgspec.json.encode(content, order="sorted")).digest()


def _note(
    ctx: AnyContext,
    act: Act | str,
    object_id: str | None,
    tenant_id: str | None,
    details: dict[str, Any],
    actor: Actor | None = None,
) -> None:
    owners = {ctx.owner_id, tenant_id or ctx.owner_id}
    defer(ctx, _append, [_Touched(act, actor or ctx.actor, object_id, details, owner) for owner in sorted(owners)])


async def _append(ctx: AnyContext, touched: list[_Touched]) -> None:
    owners: dict[str, list[_Touched]] = {}
    for one in touched:
        owners.setdefault(one.owner_id or ctx.owner_id, []).append(one)
    for owner_id, theirs in sorted(owners.items()):
        if owner_id.startswith("tnt_") and owner_id != ctx.owner_id:
            await sql(ctx).execute(f"set local app.tenant = '{owner_id}'")
        await _append_to(ctx, owner_id, theirs)


_append.comes_last = True  # type: ignore[attr-defined]


async def _append_to(ctx: AnyContext, owner_id: str, touched: Iterable[_Touched]) -> None:
    tx = sql(ctx)
    sequence, last_hash = await _lock_head(ctx, owner_id)
    # Read under the lock, so that the instants of one process follow the order of the chain.
    now = SystemClock().now()
    rows: list[tuple[Any, ...]] = []
    for act, actor, object_ids, details in _by_act(touched):
        sequence += 1
        record = AuditRecord(
            owner_id=owner_id,
            sequence=sequence,
            id=new_id("aud"),
            recorded_at=now,
            action=act,
            actor=actor,
            request_id=ctx.request_id,
            object_ids=object_ids,
            details=details,
        )
        new_hash = content_hash(last_hash, record)
        rows.append(_row(record, last_hash, new_hash))
        last_hash = new_hash
    columns = map(list, zip(*rows, strict=True))
    await tx.execute(_APPEND, owner_id, sequence, last_hash, *columns)


async def _lock_head(ctx: AnyContext, owner_id: str) -> tuple[int, bytes]:
    tx = sql(ctx)
    ask = "select last_sequence, last_hash from audit_heads where owner_id = $1 for update"
    head = await tx.fetchrow(ask, owner_id)
    if head is None:
        await tx.execute("insert into audit_heads values ($1, 0, $2) on conflict do nothing", owner_id, GENESIS)
        head = await tx.fetchrow(ask, owner_id)
    assert head is not None
    return head["last_sequence"], head["last_hash"]


def _by_act(touched: Iterable[_Touched]) -> Iterable[tuple[str, Actor, tuple[str, ...], dict[str, Any]]]:
    """One entry for each act, with the objects it touched; notes that are no use case's stand alone."""
    acts: dict[Any, list[_Touched]] = {}
    for one in touched:
        acts.setdefault(one.act if isinstance(one.act, Act) else object(), []).append(one)
    for notes in acts.values():
        first = notes[0]
        action = first.act.use.short_name if isinstance(first.act, Act) else first.act
        ids = tuple(dict.fromkeys(note.object_id for note in notes if note.object_id is not None))
        details = {name: value for note in notes for name, value in note.details.items()}
        if len(ids) > MOST_OBJECTS:
            details["object_count"] = len(ids)
        yield action, first.actor, ids[:MOST_OBJECTS], details


def _row(record: AuditRecord, previous: bytes, new_hash: bytes) -> tuple[Any, ...]:
    return (
        record.owner_id,
        record.sequence,
        record.id,
        record.recorded_at,
        record.action,
        record.actor.kind,
        record.actor.id,
        record.actor.client_id,
        record.actor.address,
        record.request_id,
        msgspec.json.encode(record.object_ids).decode(),
        msgspec.json.encode(record.details).decode(),
        previous,
        new_hash,
    )
