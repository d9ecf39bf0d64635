"""Use cases of approvals: a step that somebody has to approve before it is carried out, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.dunning import approval_store as store
from domain.dunning import case_store
from domain.dunning.decided import Decided
from domain.dunning.model import Approval
from domain.dunning.rules.actions import ApprovalAction
from domain.dunning.rules.facts import ApprovalState
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction

LONGEST_NOTE = 2000


@use_case("cases:read")
async def get_approval(ctx: Context, approval_id: str) -> Approval:
    """One approval; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, approval_id)


@use_case("cases:read")
async def list_approvals(
    ctx: Context,
    page: PageRequest,
    *,
    state: ApprovalState | None = None,
    case_id: str | None = None,
    customer_id: str | None = None,
) -> Page[Approval]:
    """Approvals in the order in which they were asked for."""
    async with reading(ctx):
        rows = await store.page(ctx, page, state, case_id, customer_id)
    return page_of(rows, page, lambda row: str(row["id"]), store.approval_of)


@use_case("approvals:write")
async def approve_step(
    ctx: Context, approval_id: str, *, note: str | None = None, expected_version: int | None = None
) -> Approval:
    """Lets the step be carried out by the facts of now; raises Conflict (`approval_decided`, `approval_not_wanted`)."""
    return await _decide(ctx, approval_id, "approved", note, expected_version)


@use_case("approvals:write")
async def reject_step(
    ctx: Context, approval_id: str, *, note: str | None = None, expected_version: int | None = None
) -> Approval:
    """Has the step left out (`approval_rejected`); the case goes on. Raises Conflict (`approval_decided`, `approval_not_wanted`)."""
    return await _decide(ctx, approval_id, "rejected", note, expected_version)


async def request_approvals(ctx: Context, decided: Sequence[Decided], now: datetime) -> None:
    """Asks, in the open transaction, about each step that waits for it and has not been asked about."""
    approvals = [
        Approval(
            id=new_id("apr"),
            case_id=one.case.id,
            customer_id=one.case.customer_id,
            receivable_id=one.gathered.receivable_id,
            step_key=wait.step.key,
            number=wait.number,
            action=wait.step.action.type,
            title=wait.step.action.title if isinstance(wait.step.action, ApprovalAction) else None,
            state="open",
            due_at=wait.due_at,
            requested_at=now,
            decided_by=None,
            decided_at=None,
            note=None,
            version=1,
        )
        for one in decided
        for wait in one.decision.asks
    ]
    if approvals:
        await store.add(ctx, approvals)
        emit(ctx, *[_event("requested", approval) for approval in approvals])


async def _decide(
    ctx: Context, approval_id: str, state: ApprovalState, note: str | None, expected_version: int | None
) -> Approval:
    if note is not None and not 1 <= len(note) <= LONGEST_NOTE:
        raise InvalidInput.at("/note", "malformed_note", f"A note has 1 to {LONGEST_NOTE} characters.")
    async with transaction(ctx):
        # The case first, as the engine does, which asks while it holds the case.
        case = await case_store.lock(ctx, (await store.get(ctx, approval_id)).case_id)
        approval = await store.get(ctx, approval_id, lock=True)
        expect(approval.version, expected_version)
        if approval.state != "open":
            raise Conflict("approval_decided", f"The approval is {approval.state} already.")
        if not await store.is_wanted(ctx, approval.id):
            raise Conflict("approval_not_wanted", f"Nothing waits for it any more; the case is {case.state}.")
        changed = replace(
            approval,
            state=state,
            decided_by=ctx.actor.id,
            decided_at=ctx.now(),
            note=note,
            version=approval.version + 1,
        )
        await store.save(ctx, changed)
        await case_store.wake(ctx, case.id, ctx.now())
        emit(ctx, _event(state, changed))
    return changed


def _event(what: str, approval: Approval) -> NewEvent:
    return NewEvent(f"approval.{what}", approval.id, {"approval": approval})
