"""Use cases of runs: collect what is proposed, take out what should not be said, release the rest, see what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from domain.dunning import plan_store
from domain.dunning import run_store as store
from domain.dunning.run_model import ReminderRun, ReminderRunItem, ReminderRunReport, RunItemState
from domain.dunning.triage import leave_out
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, FieldError, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.messaging.proposing import release_proposed
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, transaction

LONGEST_REASON = 2000
MOST_ITEMS = 1000
"""How many items may be named in one call."""


@use_case("plans:write")
async def open_run(ctx: Context, *, plan_id: str | None = None) -> ReminderRun:
    """Collects every notice that is proposed, of all plans or of one.

    Raises NotFound for an unknown plan and Conflict: `run_is_open`, and `nothing_proposed` where there is nothing to go through.
    """
    async with transaction(ctx):
        if plan_id is not None:
            await plan_store.get(ctx, plan_id)
        run_id = new_id("run")
        if not await store.open_run(ctx, run_id, plan_id):
            raise Conflict("nothing_proposed", "No notice waits for its release.")
        return _told(ctx, await store.get(ctx, run_id), "opened")


@use_case("plans:read")
async def get_run(ctx: Context, run_id: str) -> ReminderRun:
    """One run; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, run_id)


@use_case("plans:read")
async def list_runs(ctx: Context, page: PageRequest) -> Page[ReminderRun]:
    """Runs in the order in which they were opened."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.run_of)


@use_case("plans:read")
async def list_run_items(
    ctx: Context, run_id: str, page: PageRequest, *, state: RunItemState | None = None
) -> Page[ReminderRunItem]:
    """The notices of a run in the order in which they were written; raises NotFound."""
    async with reading(ctx):
        await store.get(ctx, run_id)
        rows = await store.page_of_items(ctx, run_id, page, state)
    return page_of(rows, page, lambda row: str(row["notice_id"]), store.item_of)


@use_case("plans:write")
async def exclude_run_items(
    ctx: Context,
    run_id: str,
    *,
    notice_ids: Sequence[str],
    reason: str | None = None,
    expected_version: int | None = None,
) -> ReminderRun:
    """Takes notices out of a run: they are never sent, and their steps are left out (`excluded_in_triage`).

    What is decided about already, or was withdrawn meanwhile, stays as it is. Raises NotFound, Conflict (`run_ended`) and InvalidInput.
    """
    _check(notice_ids, reason)
    async with transaction(ctx):
        run = await _open(ctx, run_id, expected_version)
        await _expect_members(ctx, run_id, notice_ids)
        excluded = await leave_out(ctx, await store.left_of(ctx, run_id, notice_ids))
        await store.mark(ctx, run_id, excluded, "excluded", reason)
        return await _changed(ctx, run)


@use_case("plans:write")
async def release_run(
    ctx: Context,
    run_id: str,
    *,
    notice_ids: Sequence[str] | None = None,
    expected_version: int | None = None,
) -> ReminderRun:
    """Releases all that is left in a run, or the notices that are named: they are due at once, and looked at again when they are sent.

    Raises NotFound, Conflict (`run_ended`) and InvalidInput.
    """
    _check(notice_ids, None)
    async with transaction(ctx):
        run = await _open(ctx, run_id, expected_version)
        await _expect_members(ctx, run_id, notice_ids or ())
        released = await release_proposed(ctx, await store.left_of(ctx, run_id, notice_ids))
        await store.mark(ctx, run_id, released, "released")
        return await _changed(ctx, run)


@use_case("plans:write")
async def cancel_run(ctx: Context, run_id: str, *, expected_version: int | None = None) -> ReminderRun:
    """Ends a run without releasing what is left: that stays proposed, for the next run. Raises NotFound and Conflict (`run_ended`)."""
    async with transaction(ctx):
        run = await _open(ctx, run_id, expected_version)
        await store.touch(ctx, run, "cancelled")
        return _told(ctx, await store.get(ctx, run_id), "cancelled")


@use_case("plans:read")
async def run_report(ctx: Context, run_id: str) -> ReminderRunReport:
    """What became of everything in a run, as it stands now; raises NotFound."""
    async with reading(ctx):
        return await store.report(ctx, await store.get(ctx, run_id))


async def _open(ctx: Context, run_id: str, expected_version: int | None) -> ReminderRun:
    run = await store.lock(ctx, run_id)
    expect(run.version, expected_version)
    if run.state != "open":
        raise Conflict("run_ended", f"The run is {run.state} already.")
    return run


async def _expect_members(ctx: Context, run_id: str, notice_ids: Sequence[str]) -> None:
    found = await store.members_of(ctx, run_id, notice_ids)
    errors = [
        FieldError(f"/notice_ids/{position}", "not_in_run", f"The notice {notice_id!r} is not in this run.")
        for position, notice_id in enumerate(notice_ids)
        if notice_id not in found
    ]
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))


async def _changed(ctx: Context, run: ReminderRun) -> ReminderRun:
    """The run after a change of its items; it ends with the last that is left to decide."""
    is_over = not await store.left_of(ctx, run.id, None)
    await store.touch(ctx, run, "released" if is_over else "open")
    changed = await store.get(ctx, run.id)
    if is_over:
        return _told(ctx, changed, "released")
    audited(ctx, run.id)
    return changed


def _told(ctx: Context, run: ReminderRun, what: str) -> ReminderRun:
    audited(ctx, run.id)
    emit(ctx, NewEvent(f"reminder_run.{what}", run.id, {"reminder_run": run}))
    return run


def _check(notice_ids: Sequence[str] | None, reason: str | None) -> None:
    if notice_ids is not None and not 1 <= len(notice_ids) <= MOST_ITEMS:
        detail = f"One call names 1 to {MOST_ITEMS} notices."
        raise InvalidInput.at("/notice_ids", "out_of_range", detail)
    if reason is not None and not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput.at("/reason", "malformed_reason", f"A reason has 1 to {LONGEST_REASON} characters.")
