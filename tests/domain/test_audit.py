"""Whoever changes the audit log behind the program's back is found out, and the place is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access.audit import get_audit_entry, list_audit_entries, verify_audit_log
from domain.access.model import NewClient
from domain.customers.customers import create_customer, update_customer
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.storage.transaction import transaction
from tests.factories import a_customer

# What a superuser might do, the place that is named, and why.
TAMPERINGS = [
    ("update audit_entries set details = '{\"x\": 1}' where owner_id = $1 and sequence = 3", 3, "content_changed"),
    ("update audit_entries set actor_id = 'cli_other' where owner_id = $1 and sequence = 2", 2, "content_changed"),
    ("update audit_entries set address = '192.0.2.1' where owner_id = $1 and sequence = 2", 2, "content_changed"),
    ("update audit_entries set previous_hash = hash where owner_id = $1 and sequence = 4", 4, "link_broken"),
    ("delete from audit_entries where owner_id = $1 and sequence = 3", 3, "entry_missing"),
    ("delete from audit_entries where owner_id = $1 and sequence = 1", 1, "entry_missing"),
    ("delete from audit_entries where owner_id = $1 and sequence = 5", 5, "entry_missing"),
    ("delete from audit_heads where owner_id = $1", 1, "entry_after_head"),
    (
        "with moved as (delete from audit_entries where owner_id = $1 and sequence in (2, 3) returning *)"
        " insert into audit_entries select owner_id, 5 - sequence, id, recorded_at, action, actor_kind, actor_id,"
        " client_id, address, request_id, object_ids, details, previous_hash, hash from moved",
        2,
        "link_broken",
    ),
    (
        "insert into audit_entries select owner_id, 6, id || 'x', recorded_at, action, actor_kind, actor_id, client_id,"
        " address, request_id, object_ids, details, previous_hash, hash from audit_entries"
        " where owner_id = $1 and sequence = 5",
        6,
        "entry_after_head",
    ),
]


@pytest.fixture
async def five(ctx: Context, database_url: str) -> AsyncIterator[Context]:
    """A tenant whose log has five entries, its own creation and four customers; no broken log is left to other tests."""
    for n in range(4):
        await create_customer(ctx, name=f"c{n}")
    yield ctx
    forget = "delete from {} where owner_id = $1"
    await tamper(database_url, ctx.tenant_id, forget.format("audit_entries"), forget.format("audit_heads"))


async def tamper(url: str, owner_id: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            # In one go, whatever the keys say in between: exactly what somebody with the database's password can do.
            for statement in statements:
                await connection.execute(statement, owner_id)
    finally:
        await connection.close()


async def test_an_untouched_log_holds(five: Context) -> None:
    verified = await verify_audit_log(five)
    assert (verified.valid, verified.entry_count, verified.last_sequence) == (True, 5, 5)
    assert (verified.first_broken_sequence, verified.reason) == (None, None)


@pytest.mark.parametrize(("statement", "place", "reason"), TAMPERINGS)
async def test_tampering_is_found(database: str, five: Context, statement: str, place: int, reason: str) -> None:
    if statement.startswith("with moved"):
        await swap(database, five.tenant_id)
    else:
        await tamper(database, five.tenant_id, statement)
    verified = await verify_audit_log(five)
    assert (verified.valid, verified.first_broken_sequence, verified.reason) == (False, place, reason)


async def swap(url: str, owner_id: str) -> None:
    step = "update audit_entries set sequence = {} where owner_id = $1 and sequence = {}"
    await tamper(url, owner_id, step.format(99, 2), step.format(2, 3), step.format(3, 99))


async def test_a_cut_tail_and_a_rewritten_tail_need_a_head_that_was_kept_outside(database: str, five: Context) -> None:
    kept = await verify_audit_log(five)
    cut = (
        "delete from audit_entries where owner_id = $1 and sequence > 3",
        "update audit_heads h set last_sequence = 3, last_hash = (select hash from audit_entries e"
        " where e.owner_id = h.owner_id and sequence = 3) where owner_id = $1",
    )
    await tamper(database, five.tenant_id, *cut)
    assert (await verify_audit_log(five)).valid
    expected = {"expected_sequence": kept.last_sequence, "expected_hash": kept.last_hash}
    verified = await verify_audit_log(five, **expected)  # type: ignore[arg-type]
    assert (verified.first_broken_sequence, verified.reason) == (4, "expected_entry_missing")
    for n in range(3):
        await create_customer(five, name=f"rewritten {n}")
    assert (await verify_audit_log(five)).valid
    verified = await verify_audit_log(five, **expected)  # type: ignore[arg-type]
    assert (verified.first_broken_sequence, verified.reason) == (5, "expected_hash_differs")


async def test_an_expected_head_is_whole_and_well_formed(ctx: Context) -> None:
    for sequence, known in ((1, None), (None, "00"), (1, "00"), (1, "zz"), (0, "00" * 32)):
        with pytest.raises(InvalidInput):
            await verify_audit_log(ctx, expected_sequence=sequence, expected_hash=known)


async def test_entries_are_filtered_and_read(five: Context) -> None:
    everything = (await list_audit_entries(five, PageRequest(limit=3))).items
    assert [entry.sequence for entry in everything] == [1, 2, 3]
    second = everything[1]
    assert (second.action, second.actor_id) == ("create_customer", "cli_test")
    assert await get_audit_entry(five, second.id) == second
    found = await list_audit_entries(five, PageRequest(), object_id=second.object_ids[0], action="create_customer")
    assert found.items == [second]
    assert (await list_audit_entries(five, PageRequest(), actor_id="cli_other")).items == []
    since = await list_audit_entries(five, PageRequest(), recorded_from=second.recorded_at)
    before = await list_audit_entries(five, PageRequest(), recorded_to=second.recorded_at)
    assert (len(since.items), len(before.items)) == (4, 1)


async def test_each_owner_sees_its_own_log(five: Context, platform: tuple[PlatformContext, NewClient]) -> None:
    theirs = (await list_audit_entries(platform[0], PageRequest())).items
    assert {entry.action for entry in theirs} >= {"create_tenant"}
    assert (await verify_audit_log(platform[0])).valid
    with pytest.raises(NotFound):
        await get_audit_entry(five, theirs[0].id)


class _GivenUpError(Exception):
    """Rolls a transaction back."""


async def _work(ctx: Context, customer_id: str, steps: Sequence[str]) -> int:
    """One transaction of changes, savepoints and rollbacks; how many acts it leaves behind."""
    kept = 0
    try:
        async with transaction(ctx):
            for n, step in enumerate(steps):
                if step == "give up":
                    raise _GivenUpError
                try:
                    async with transaction(ctx):
                        await create_customer(ctx, name=f"{n}")
                        await update_customer(ctx, customer_id, {"metadata": {"n": n}})
                        if step == "savepoint":
                            raise _GivenUpError
                        kept += 2
                except _GivenUpError:
                    continue
    except _GivenUpError:
        return 0
    return kept


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(["keep", "savepoint", "give up"]), max_size=3), min_size=1, max_size=5))
async def test_the_chain_holds_after_concurrent_transactions_that_end_in_every_way(
    ctx: Context, runs: list[list[str]]
) -> None:
    before = (await verify_audit_log(ctx)).last_sequence
    customers = [await a_customer(ctx) for _ in runs]
    kept = await asyncio.gather(*(_work(ctx, c.id, run) for c, run in zip(customers, runs, strict=True)))
    verified = await verify_audit_log(ctx)
    assert verified.valid
    assert verified.last_sequence == before + len(runs) + sum(kept)
