"""Reading the audit log and proving that nobody rewrote it; a tenant and a platform each see their own."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

import msgspec

from domain.access.audit_model import AuditEntry, AuditVerification, Break
from domain.kernel.context import Actor, AnyContext
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import owner_use_case
from domain.storage.audit_chain import GENESIS, AuditRecord, content_hash
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import reading, unbound

_COLUMNS = (
    "id, sequence, recorded_at, action, actor_kind, actor_id, client_id, address, request_id, object_ids, details,"
    " previous_hash, hash"
)
_BATCH = 1000


class _BrokenError(Exception):
    """Ends the walk at the first place where the chain does not hold."""

    def __init__(self, sequence: int, reason: Break) -> None:
        super().__init__(reason)
        self.sequence = sequence
        self.reason: Break = reason


@owner_use_case("audit:read")
async def list_audit_entries(
    ctx: AnyContext,
    page: PageRequest,
    *,
    actor_id: str | None = None,
    client_id: str | None = None,
    action: str | None = None,
    object_id: str | None = None,
    recorded_from: datetime | None = None,
    recorded_to: datetime | None = None,
) -> Page[AuditEntry]:
    """Entries in the order of the chain, those that match every given filter; `recorded_to` itself is not included."""
    _check_aware(recorded_from=recorded_from, recorded_to=recorded_to)
    async with reading(ctx) as tx:
        rows = await tx.fetch(
            f"""
            select {_COLUMNS} from audit_entries
            where owner_id = $1 and sequence > $2 and ($3::text is null or actor_id = $3)
              and ($4::text is null or client_id = $4) and ($5::text is null or action = $5)
              and ($6::text is null or object_ids @> array[$6]) and ($7::timestamptz is null or recorded_at >= $7)
              and ($8::timestamptz is null or recorded_at < $8)
            order by sequence limit $9
            """,
            ctx.owner_id,
            page.number_after(digits=18),
            actor_id,
            client_id,
            action,
            object_id,
            recorded_from,
            recorded_to,
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["sequence"]), _entry_of)


@owner_use_case("audit:read")
async def get_audit_entry(ctx: AnyContext, entry_id: str) -> AuditEntry:
    """One entry; raises NotFound."""
    async with reading(ctx) as tx:
        row = await tx.fetchrow(
            f"select {_COLUMNS} from audit_entries where owner_id = $1 and id = $2", ctx.owner_id, entry_id
        )
    if row is None:
        raise NotFound.of("audit_entry", entry_id)
    return _entry_of(row)


@owner_use_case("audit:read")
async def verify_audit_log(
    ctx: AnyContext, *, expected_sequence: int | None = None, expected_hash: str | None = None
) -> AuditVerification:
    """Recomputes the whole chain. A chain rewritten to its end holds in itself: only an older head kept outside, given as
    `expected_sequence` and `expected_hash`, tells it apart, and tells a tail that was cut off together with the head."""
    expected = _expected(expected_sequence, expected_hash)
    async with reading(ctx) as tx:
        head = await tx.fetchrow("select last_sequence, last_hash from audit_heads where owner_id = $1", ctx.owner_id)
        last, last_hash = (head["last_sequence"], head["last_hash"]) if head else (0, GENESIS)
        broken: _BrokenError | None = None
        try:
            await _walk(tx, ctx.owner_id, last, last_hash, expected)
        except _BrokenError as place:
            broken = place
        count = await tx.fetchval(
            "select count(*) from audit_entries where owner_id = $1 and sequence <= $2", ctx.owner_id, last
        )
    return AuditVerification(
        valid=broken is None,
        entry_count=count,
        last_sequence=last,
        last_hash=last_hash.hex(),
        first_broken_sequence=broken.sequence if broken else None,
        reason=broken.reason if broken else None,
    )


async def audited_owners() -> list[str]:
    """Everybody who has an audit log, for the operator's check of all of them."""
    async with unbound() as tx:
        return [row[0] for row in await tx.fetch("select owner_id from door_audited_owners() as owner_id order by 1")]


async def _walk(
    tx: BoundTransaction, owner_id: str, last: int, last_hash: bytes, expected: tuple[int, bytes] | None
) -> None:
    """Goes from link to link up to the head as it was at the start; what commits meanwhile comes after it."""
    sequence, previous = 0, GENESIS
    while sequence < last:
        rows = await tx.fetch(
            f"select {_COLUMNS} from audit_entries where owner_id = $1 and sequence > $2 and sequence <= $3"
            " order by sequence limit $4",
            owner_id,
            sequence,
            last,
            _BATCH,
        )
        if not rows:
            raise _BrokenError(sequence + 1, "entry_missing")
        for row in rows:
            sequence += 1
            previous = _checked(owner_id, row, sequence, previous)
            if expected and expected[0] == sequence and not hmac.compare_digest(expected[1], previous):
                raise _BrokenError(sequence, "expected_hash_differs")
    if previous != last_hash:
        raise _BrokenError(last, "head_differs")
    # One statement, one snapshot: an entry that was put in after the head, not one that is being written.
    beyond = await tx.fetchval(
        "select min(e.sequence) from audit_entries e where e.owner_id = $1 and e.sequence >"
        " coalesce((select h.last_sequence from audit_heads h where h.owner_id = $1), 0)",
        owner_id,
    )
    if beyond is not None:
        raise _BrokenError(beyond, "entry_after_head")
    if expected and expected[0] > last:
        raise _BrokenError(last + 1, "expected_entry_missing")


def _checked(owner_id: str, row: Any, sequence: int, previous: bytes) -> bytes:
    """The hash of an entry that stands where it should and says what it said when it was written."""
    if row["sequence"] != sequence:
        raise _BrokenError(sequence, "entry_missing")
    if row["previous_hash"] != previous:
        raise _BrokenError(sequence, "link_broken")
    record = AuditRecord(
        owner_id=owner_id,
        sequence=sequence,
        id=row["id"],
        recorded_at=row["recorded_at"],
        action=row["action"],
        actor=Actor(row["actor_kind"], row["actor_id"], row["client_id"], row["address"]),
        request_id=row["request_id"],
        object_ids=tuple(row["object_ids"]),
        details=msgspec.json.decode(row["details"]),
    )
    computed = content_hash(previous, record)
    if not hmac.compare_digest(computed, row["hash"]):
        raise _BrokenError(sequence, "content_changed")
    return computed


def _expected(sequence: int | None, hash: str | None) -> tuple[int, bytes] | None:
    if (sequence is None) != (hash is None):
        missing = "expected_hash" if hash is None else "expected_sequence"
        raise InvalidInput.at(missing, "expected_incomplete", "expected_sequence and expected_hash go together.")
    if sequence is None or hash is None:
        return None
    if not 1 <= sequence < 10**18:
        raise InvalidInput.at("expected_sequence", "sequence_out_of_range", "Sequences begin with 1.")
    try:
        known = bytes.fromhex(hash)
    except ValueError:
        known = b""
    if len(known) != len(GENESIS):
        raise InvalidInput.at("expected_hash", "malformed_hash", "A hash is 64 hexadecimal digits.")
    return sequence, known


def _check_aware(**instants: datetime | None) -> None:
    for name, instant in instants.items():
        if instant is not None and instant.tzinfo is None:
            raise InvalidInput.at(name, "malformed_instant", "An instant says its offset, such as Z.")


def _entry_of(row: Any) -> AuditEntry:
    hashes = {name: row[name].hex() for name in ("previous_hash", "hash")}
    return AuditEntry(**{**dict(row), "details": msgspec.json.decode(row["details"]), **hashes})
