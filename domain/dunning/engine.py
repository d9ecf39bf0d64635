"""The engine: finds cases that are due, gathers facts, decides, and commits what follows; one transaction for a batch.

A case is decided under its row lock, and an occurrence is unique per case, step and number: two engines at once, the
same tick twice or a worker killed half-way never make a step happen twice. Nothing is sent here; notices are queued in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from domain.dunning import case_store as store
from domain.dunning import occurrence_store
from domain.dunning.approvals import request_approvals
from domain.dunning.case_facts import gather_for
from domain.dunning.combined_claim import claim_combined
from domain.dunning.combining import defer_small
from domain.dunning.contact_gates import ContactGates, open_gates, waited_of
from domain.dunning.control_store import controls_of
from domain.dunning.decided import Decided
from domain.dunning.effects import carry_out
from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case, Occurrence
from domain.dunning.plan_store import ladders_of
from domain.dunning.rules.control import PlanControl, decide_under, only_told
from domain.dunning.rules.decide import Decision
from domain.dunning.rules.ladder import Ladder
from domain.dunning.triage import supersede_proposals
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.copying import changed as changed_copy
from domain.storage.doors import tenants_through
from domain.storage.query_plans import look_up_by_index
from domain.storage.transaction import transaction


async def run_due_cases(ctx: Context, limit: int = 500) -> int:
    """Decides up to `limit` cases whose next action has come; how many it looked at."""
    now = ctx.now()
    async with transaction(ctx):
        await look_up_by_index(ctx)
        cases = await claim_combined(ctx, now, limit) or await store.claim_due(ctx, now, limit)
        if not cases:
            return 0
        cases.sort(key=turn_of)
        decided = await _decide_all(ctx, cases, now)
        occurrences = await carry_out(ctx, decided, now)
        changed = [_case_after(one.case, one.decision, now) for one in decided]
        await occurrence_store.add(ctx, occurrences)
        await store.save(ctx, changed)
        await request_approvals(ctx, decided, now)
        await supersede_proposals(ctx, decided, occurrences)
        emit(ctx, *_events(decided, changed, occurrences))
    return len(cases)


async def tenants_with_due_cases(at: datetime, most: int = 1000) -> list[str]:
    """Tenants that have a case to decide; those on a test clock by that clock, all others at `at`."""
    return await tenants_through("door_tenants_with_due_cases", at, most)


async def _decide_all(ctx: Context, cases: Sequence[Case], now: datetime) -> list[Decided]:
    ladders = await ladders_of(ctx, {case.plan_version_id for case in cases})
    gathered = await gather_for(ctx, cases, ladders)
    gates = await open_gates(ctx, gathered, cases)
    controls = await controls_of(ctx, {case.plan_id for case in cases})
    decided = decide_all(cases, gathered, ladders, controls, gates, now)
    return [_told(one) if one.control.is_shadow else one for one in decided]


def turn_of(case: Case) -> tuple[bool, datetime | None, str]:
    """Where a case comes in its batch: of two of one customer the contact policy may let only the first write, whoever asks."""
    return case.next_action_at is None, case.next_action_at, case.id


def decide_all(
    cases: Sequence[Case],
    gathered: Mapping[str, Gathered],
    ladders: Mapping[str, Ladder],
    controls: Mapping[str, PlanControl],
    gates: ContactGates,
    now: datetime,
) -> list[Decided]:
    """What is decided of a batch, one case after the other; whoever looks ahead asks the same at an instant to come.

    Of a plan that is only tried it is what would be.
    """
    decided = []
    for case in cases:
        facts, ladder = gates.facts_of(case, gathered[case.id]), ladders[case.plan_version_id]
        control = controls[case.plan_id]
        decision = decide_under(control, ladder, facts, now, waited_of(case))
        if not control.is_shadow:
            gates.remember(case, facts, decision)
        decided.append(
            Decided(case=case, gathered=gathered[case.id], options=ladder.options, decision=decision, control=control)
        )
    return defer_small(decided, now)


def _told(one: Decided) -> Decided:
    return changed_copy(one, decision=only_told(one.decision))


def _case_after(case: Case, decision: Decision, now: datetime) -> Case:
    return changed_copy(
        case,
        state=decision.state,
        close_reason=decision.close_reason,
        next_action_at=decision.next_action_at,
        deferred_reasons=list(decision.deferred_reasons),
        deferred_until=decision.deferred_until,
        deferred_step=decision.deferred_step,
        closed_at=now if decision.state == "closed" else None,
        version=case.version + 1,
    )


def _events(
    decided: Sequence[Decided], changed: Sequence[Case], occurrences: Sequence[Occurrence]
) -> Iterator[NewEvent]:
    """What happened, in the order in which the cases were decided."""
    cases = {case.id: case for case in changed}
    for occurrence in occurrences:
        kind = "case.step_done" if occurrence.outcome == "done" else "case.step_skipped"
        yield _event(kind, cases[occurrence.case_id], occurrence=occurrence)
    for one, case in zip(decided, changed, strict=True):
        if case.state != one.case.state and case.state != "active":
            yield _event(f"case.{case.state}", case)


def _event(kind: str, case: Case, **more: object) -> NewEvent:
    return NewEvent(kind, case.id, {"case": case, **more})
