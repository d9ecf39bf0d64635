"""What deciding cases needs to know: the facts of every case, and those that only some plans ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from domain.dunning import approval_store
from domain.dunning.behaviour import with_behaviour
from domain.dunning.facts_store import Gathered, gather
from domain.dunning.model import Case
from domain.dunning.rules.facts import ApprovalFacts
from domain.dunning.rules.ladder import Ladder
from domain.kernel.context import Context
from domain.ledger import store as ledger
from domain.messaging.channel_accounts import usable_channels

_NOBODY: Mapping[tuple[str, int], ApprovalFacts] = {}


async def gather_for(ctx: Context, cases: Sequence[Case], ladders: Mapping[str, Ladder]) -> dict[str, Gathered]:
    """Everything known of locked `cases` by case id; what no ladder of the batch asks for costs no statement."""
    gathered = await gather(ctx, cases)
    if any(ladder.needs_accounts for ladder in ladders.values()):
        channels = await usable_channels(ctx)
        gathered = {
            case_id: replace(known, facts=replace(known.facts, usable_channels=channels))
            for case_id, known in gathered.items()
        }
    if any(ladder.options.learns for ladder in ladders.values()):
        gathered = await with_behaviour(ctx, cases, ladders, gathered)
    gated = [case for case in cases if ladders[case.plan_version_id].has_gates]
    discounted = [case for case in cases if ladders[case.plan_version_id].counts_from_discount]
    if not gated and not discounted:
        return gathered
    approvals = await approval_store.facts_of(ctx, [case.id for case in gated]) if gated else {}
    discounts = await _discounts(ctx, [gathered[case.id].receivable_id for case in discounted])
    for case in {case.id: case for case in (*gated, *discounted)}.values():
        known = gathered[case.id]
        facts = replace(
            known.facts,
            approvals=approvals.get(case.id, _NOBODY),
            discount_until=discounts.get(known.receivable_id),
        )
        gathered[case.id] = replace(known, facts=facts)
    return gathered


async def _discounts(ctx: Context, receivable_ids: Sequence[str]) -> dict[str, date]:
    """The last day of each receivable's discount, where one may still be earned."""
    if not receivable_ids:
        return {}
    found = await ledger.by_ids(ctx, list(receivable_ids))
    return {
        receivable_id: receivable.discount.until
        for receivable_id, receivable in found.items()
        if receivable.discount is not None and receivable.discount.until is not None
    }
