"""An import whose worker dies is taken up by the next one and ends as if nothing had happened."""

from __future__ import annotations

from typing import Any

import pytest

from domain.importing import running
from domain.importing.imports import start_import
from domain.importing.running import run_import
from domain.kernel.context import Context
from domain.operations import work as operations
from domain.operations.model import Progress
from domain.operations.operations import get_operation
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_ledger import HEADER, count, errors_of, events_of, file_of, lease_runs_out, pieces, worked_off


class Killed(Exception):
    """What a SIGKILL is to this test."""


async def test_a_killed_import_goes_on_exactly_where_it_was(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    # Line 2 and its repetition are in different batches, and so are two bad lines.
    content = (
        file_of(1500).replace("\ni-7,c-0,N-7,8.00", "\ni-7,c-0,N-7,bad", 1)
        + file_of(1100, first=1500).removeprefix(HEADER)
        + "i-0,c-0,N-0,1.00,CNY,2026-01-01,2026-02-01,,\n"
        + "i-9999,c-0,N,1.00,XXQ,2026-01-01,2026-02-01,,\n"
    ).encode()
    operation = await start_import(ctx, kind="receivables", chunks=pieces(content))
    for expected in (999, 1999):
        await _run_one_batch(ctx, operation.id, monkeypatch)
        assert await count(ctx, "receivables") == expected - 1
        await lease_runs_out(ctx, operation)
    assert (await get_operation(ctx, operation.id)).progress.processed == 1999

    done = await worked_off(ctx, operation)
    assert (done.state, done.progress) == ("succeeded", Progress(processed=2602, created=2599, failed=3))
    assert [(error.line, error.code) for error in await errors_of(ctx, operation)] == [
        (9, "unparsable_amount"),
        (2602, "duplicate_external_id"),
        (2603, "unknown_currency"),
    ]
    assert await count(ctx, "receivables") == await count(ctx, "entries") == 2599
    assert await _sequences_have_no_gap(ctx, events=2599 + 7 + 1)


async def test_a_killed_import_of_contacts_still_knows_which_it_has_seen(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_customer(ctx, external_id="c-1")
    rows = "".join(f"c-1,Person {n},p{n}@lanhai.example\n" for n in range(1200))
    content = f"customer_external_id,name,email\n{rows}c-1,Again,P7@lanhai.example\n".encode()
    operation = await start_import(ctx, kind="contacts", chunks=pieces(content))
    await _run_one_batch(ctx, operation.id, monkeypatch)
    assert await count(ctx, "contacts") == 999
    await lease_runs_out(ctx, operation)
    done = await worked_off(ctx, operation)
    assert (done.state, done.progress) == ("succeeded", Progress(processed=1201, created=1200, failed=1))
    assert [(error.line, error.code) for error in await errors_of(ctx, operation)] == [(1202, "duplicate_contact")]
    assert await count(ctx, "contacts") == 1200


async def test_a_batch_that_dies_in_its_transaction_leaves_nothing_behind(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = await start_import(ctx, kind="receivables", chunks=pieces(file_of(50).encode()))

    async def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(operations, "advance", killed)
        with pytest.raises(Killed):
            await worked_off(ctx, operation)
    assert await count(ctx, "receivables") == await count(ctx, "customers") == 0
    assert await events_of(ctx) == []
    assert await operations.claim(ctx, operation.id) is None
    await lease_runs_out(ctx, operation)
    assert (await worked_off(ctx, operation)).progress == Progress(processed=50, created=50)


async def test_a_worker_whose_lease_ran_out_stops_when_another_has_gone_on(ctx: Context) -> None:
    operation = await start_import(ctx, kind="receivables", chunks=pieces(file_of(50).encode()))
    slow = await operations.claim(ctx, operation.id)
    assert slow is not None
    await lease_runs_out(ctx, operation)
    done = await worked_off(ctx, operation)
    await run_import(ctx, slow)
    assert await get_operation(ctx, operation.id) == done
    assert await count(ctx, "receivables") == 50
    assert len(await events_of(ctx, "import.finished")) == 1


async def _run_one_batch(ctx: Context, operation_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a worker do one batch and die before the next."""
    claimed = await operations.claim(ctx, operation_id)
    assert claimed is not None
    store, batches = running._Import._store, 0

    async def dying(self: Any, *arguments: Any) -> None:
        nonlocal batches
        batches += 1
        if batches > 1:
            raise Killed
        await store(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(running._Import, "_store", dying)
        with pytest.raises(Killed):
            await run_import(ctx, claimed)


async def _sequences_have_no_gap(ctx: Context, events: int) -> bool:
    async with reading(ctx) as tx:
        row = await tx.fetchrow(
            "select count(*) as n, min(sequence) as first, max(sequence) as last from events where tenant_id = $1",
            ctx.tenant_id,
        )
    return dict(row or {}) == {"n": events, "first": 1, "last": events}
