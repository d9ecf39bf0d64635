"""Use cases that move cases on their way to the published version of their plan: what it would come to, and doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.dunning import case_store, occurrence_store, plan_store
from domain.dunning import migration_store as store
from domain.dunning.case_facts import gather_for
from domain.dunning.control_store import controls_of
from domain.dunning.decided import Decided, Effect
from domain.dunning.effects import as_occurrences
from domain.dunning.facts_store import Gathered
from domain.dunning.migration_model import CaseMigration
from domain.dunning.model import Case
from domain.dunning.rules.control import as_if_done
from domain.dunning.rules.decide import Decision
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.migrating import Move, move
from domain.dunning.rules.projection import Expected
from domain.dunning.timeline_model import FutureStep, WaitingStep
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, FieldError, InvalidInput
from domain.kernel.paging import Page, PageRequest
from domain.kernel.usecase import use_case
from domain.operations import work
from domain.operations.model import ClaimedOperation, Operation, OperationError, Progress
from domain.storage.query_plans import look_up_by_index
from domain.storage.transaction import reading, transaction

_BATCH = 200
_WHY_NOT = {
    "escalated": "The case has left the ladder.",
    "anchor_changed": "The published version is anchored otherwise.",
    "branch_changed": "A branch that the case took is another one in the published version.",
    "approval_open": "Somebody is asked to approve a step that the published version does not have, or does not ask about.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """From which versions to which one, by their ids, with all numbers."""

    plan_id: str
    origins: Sequence[str]
    target: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moving:
    """A case, what moving it comes to, and what of it the new version sees."""

    case: Case
    move: Move
    gathered: Gathered
    ladder: Ladder


@use_case("plans:read")
async def preview_migration(
    ctx: Context, plan_id: str, page: PageRequest, *, from_versions: Sequence[int] | None = None
) -> Page[CaseMigration]:
    """What `migrate_cases` would do now with each case that has not ended, in the order of their ids; nothing is changed.

    Of all other versions than the published one, or of those numbers. Raises NotFound, Conflict (`no_published_version`) and InvalidInput.
    """
    async with reading(ctx):
        route = await _route(ctx, plan_id, from_versions)
        cases = await store.cases_on(ctx, route.origins, page.after, page.limit + 1)
        moving = await _moves(ctx, cases[: page.limit], route, only_reading=True)
    next_key = cases[page.limit - 1].id if len(cases) > page.limit else None
    return Page([_told(one, route) for one in moving], next_key)


@use_case("plans:write")
async def migrate_cases(ctx: Context, plan_id: str, *, from_versions: Sequence[int] | None = None) -> Operation:
    """Starts to move every case that `preview_migration` lists as one that can; those that cannot are told as the operation's errors.

    Raises NotFound, Conflict (`no_published_version`) and InvalidInput.
    """
    async with transaction(ctx):
        route = await _route(ctx, plan_id, from_versions)
        details = {"plan_id": plan_id, "origins": list(route.origins), "target": route.target}
        return await work.add(ctx, "case_migration", details)


async def run_migration(ctx: Context, claimed: ClaimedOperation) -> None:
    """Moves cases from where the operation stands, a batch in each transaction; what is moved already is not found again."""
    progress = claimed.progress
    while (done := await _batch(ctx, claimed, progress)) is not None:
        progress = done


async def _batch(ctx: Context, claimed: ClaimedOperation, progress: Progress) -> Progress | None:
    async with transaction(ctx):
        held = await store.hold_operation(ctx, claimed.id)
        if held is None or held["position"] != progress.processed:
            return None
        numbers = await store.numbers_of(ctx, claimed.input["plan_id"])
        route = _Route(**claimed.input, numbers=numbers)
        await look_up_by_index(ctx)
        cases = await store.cases_on(ctx, route.origins, held["after"], _BATCH, lock=True)
        if not cases:
            result = {"moved": progress.updated, "not_moved": progress.failed}
            await work.finish(ctx, claimed.id, result=result)
            return None
        moving = await _moves(ctx, cases, route)
        movable = [one for one in moving if one.move.reason is None]
        await _apply(ctx, movable, route)
        stuck = [one for one in moving if one.move.reason is not None]
        await work.add_errors(ctx, claimed.id, progress.failed, [_error(one) for one in stuck])
        progress = replace(
            progress,
            processed=progress.processed + len(moving),
            updated=progress.updated + len(movable),
            failed=progress.failed + len(stuck),
        )
        await work.advance(ctx, claimed.id, progress, progress.processed)
        await store.note_place(ctx, claimed.id, cases[-1].id)
    return progress


async def _route(ctx: Context, plan_id: str, from_versions: Sequence[int] | None) -> _Route:
    plan = await plan_store.get(ctx, plan_id)
    if plan.published_version is None:
        raise Conflict("no_published_version", "The plan has no published version to move cases to.")
    numbers, target = await store.numbers_of(ctx, plan_id), plan.published_version.id
    known = {number for version_id, number in numbers.items() if version_id != target}
    errors = [
        FieldError(f"/from_versions/{n}", "unknown_version", f"The plan has no earlier version {number}.")
        for n, number in enumerate(from_versions or ())
        if number not in known
    ]
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
    wanted = known if from_versions is None else set(from_versions)
    origins = sorted(version_id for version_id, number in numbers.items() if number in wanted and version_id != target)
    return _Route(plan_id=plan_id, origins=origins, target=target, numbers=numbers)


async def _moves(ctx: Context, cases: Sequence[Case], route: _Route, *, only_reading: bool = False) -> list[_Moving]:
    if not cases:
        return []
    ladders = await plan_store.ladders_of(ctx, {*route.origins, route.target})
    control = (await controls_of(ctx, {route.plan_id}, only_reading=only_reading))[route.plan_id]
    before = await gather_for(ctx, cases, ladders)
    moved = [replace(case, plan_version_id=route.target) for case in cases]
    known = await gather_for(ctx, moved, ladders)
    found = []
    for case in cases:
        facts = before[case.id].facts, known[case.id].facts
        if control.is_shadow:
            facts = as_if_done(facts[0]), as_if_done(facts[1])
        old, new = ladders[case.plan_version_id], ladders[route.target]
        told = move(old, new, case.state, facts, ctx.now())
        found.append(_Moving(case=case, move=told, gathered=known[case.id], ladder=new))
    return found


async def _apply(ctx: Context, moving: Sequence[_Moving], route: _Route) -> None:
    """Stores the moves; the engine looks at each case at once, and finds nothing to do but what it waited for before."""
    now = ctx.now()
    changed = [
        replace(
            one.case,
            plan_version_id=route.target,
            combined=one.ladder.options.combine and one.case.receivable_id is not None,
            next_action_at=now,
            version=one.case.version + 1,
        )
        for one in moving
    ]
    left_out = [Effect(_decided(one), step) for one in moving for step in one.move.left_out]
    occurrences = as_occurrences(ctx, left_out, {}, now)
    await case_store.change_plans(ctx, changed)
    await occurrence_store.add(ctx, occurrences)
    cases = {case.id: case for case in changed}
    emit(
        ctx,
        *(_event(one, cases[one.case.id], route) for one in moving),
        *(NewEvent("case.step_skipped", o.case_id, {"case": cases[o.case_id], "occurrence": o}) for o in occurrences),
    )


def _decided(one: _Moving) -> Decided:
    decision = Decision(state=one.case.state, steps=tuple(one.move.left_out))
    return Decided(case=one.case, gathered=one.gathered, options=one.ladder.options, decision=decision)


def _event(one: _Moving, case: Case, route: _Route) -> NewEvent:
    return NewEvent("case.migrated", case.id, {"case": case, "migration": _told(one, route)})


def _error(one: _Moving) -> OperationError:
    reason = one.move.reason or ""
    return OperationError(line=0, column="case_id", code=reason, detail=_WHY_NOT[reason], value=one.case.id)


def _told(one: _Moving, route: _Route) -> CaseMigration:
    case, told = one.case, one.move
    future = [_future(expected) for expected in told.coming]
    return CaseMigration(
        case_id=case.id,
        customer_id=case.customer_id,
        receivable_id=case.receivable_id,
        from_version_id=case.plan_version_id,
        from_number=route.numbers[case.plan_version_id],
        to_version_id=route.target,
        to_number=route.numbers[route.target],
        can_move=told.reason is None,
        reason=told.reason,
        was_next=_future(told.was_next) if told.was_next else None,
        next=future[0] if future else None,
        future=future,
        waiting=[WaitingStep(step_key=s.key, action=s.action.type, reason=reason) for s, reason in told.waiting],
        skipped_steps=[step.step.key for step in told.left_out],
        kept_steps=list(told.kept),
        dropped_steps=list(told.dropped),
    )


def _future(expected: Expected) -> FutureStep:
    decided = expected.decided
    return FutureStep(
        step_key=decided.step.key,
        due_at=expected.at,
        expected_at=expected.acts_at,
        action=decided.step.action.type,
        outcome=decided.outcome,
        reasons=list(decided.reasons),
    )
