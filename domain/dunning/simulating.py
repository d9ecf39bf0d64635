"""The use case that tries a plan: what it would do for a receivable, for what a customer owes, or for a debt that is only described."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from domain.customers.rules import LOCALES
from domain.dunning import plan_store
from domain.dunning.case_facts import gather_for
from domain.dunning.contact_gates import look_at_gates
from domain.dunning.described import Debt, described
from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case, PlanVersion, ReminderPlan
from domain.dunning.outlook import foresee
from domain.dunning.rules.control import LIVE
from domain.dunning.rules.ladder import Ladder
from domain.dunning.telling import Manner, future_steps, waiting_steps
from domain.dunning.timeline_model import PlanSimulation
from domain.kernel.calendar import instant_of, is_in_calendar, is_time_zone
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.usecase import use_case
from domain.ledger.receivables import get_receivable
from domain.messaging.channel_accounts import usable_channels
from domain.messaging.preview_data import owed_by
from domain.storage.query_plans import look_up_by_index
from domain.storage.transaction import reading

Which = Literal["draft", "published"]
MOST_STEPS = 200
_SIMULATED = "cas_simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the plan is tried on: exactly one of the three."""

    receivable_id: str | None = None
    customer_id: str | None = None
    debt: Debt | None = None


@use_case("plans:read")
async def simulate_plan(
    ctx: Context,
    plan_id: str,
    *,
    about: About,
    version: Which | None = None,
    starts_on: date | None = None,
    most_steps: int = MOST_STEPS,
    most_days: int | None = None,
    texts: bool = True,
    locale: str | None = None,
) -> PlanSimulation:
    """What a version of a plan (the draft if there is one) would do if a case began now, or with the customer's day `starts_on`.

    Of a customer it is the oldest receivable that is open. A receivable or customer needs the scopes for reading them; other debts of
    the customer are not played along. Nothing is stored. Raises NotFound, and InvalidInput at `/version` (`no_such_version`),
    `/debt`, `/customer_id` (`nothing_open`), `/receivable_id` (`receivable_settled`) or `/starts_on`.
    """
    _check(about, starts_on)
    manner = Manner(locale=locale or ctx.locale, texts=texts)
    async with reading(ctx):
        await look_up_by_index(ctx)
        plan = await plan_store.get(ctx, plan_id)
        tried = _version(plan, version)
        ladder = Ladder(steps=tried.steps, options=tried.options)
        case = await _case(ctx, plan, tried, about)
        known = await _known(ctx, case, ladder, about)
        starts_at = _starts_at(ctx, known, starts_on)
        gates = await look_at_gates(ctx, {case.id: known}, [case])
        prospect = foresee([case], {case.id: known}, {tried.id: ladder}, {plan.id: LIVE}, gates, starts_at)
        future = await future_steps(ctx, prospect, manner)
    last = datetime.max.replace(tzinfo=UTC) if most_days is None else starts_at + timedelta(days=most_days)
    shown = [one for one in future if one.expected_at <= last][:most_steps]
    return PlanSimulation(
        plan_id=plan.id,
        plan_version_id=tried.id,
        number=tried.number,
        starts_at=starts_at,
        steps=shown,
        waiting=waiting_steps(prospect, manner),
        closes_as=prospect.outlook.closes_as,
        is_complete=len(shown) == len(future),
    )


def _check(about: About, starts_on: date | None) -> None:
    given = (about.receivable_id, about.customer_id, about.debt)
    if sum(one is not None for one in given) != 1:
        detail = "Give one of receivable_id, customer_id and debt."
        raise InvalidInput.at("/receivable_id", "one_of_receivable_customer_or_debt", detail)
    debt = about.debt
    days = {"/starts_on": starts_on}
    if debt is not None:
        days |= {"/debt/due_on": debt.due_on, "/debt/issued_on": debt.issued_on}
    for pointer, day in days.items():
        if day is not None and not is_in_calendar(day):
            raise InvalidInput.at(pointer, "date_out_of_range", "The date is outside the calendar.")
    if debt is not None:
        _check_debt(debt)


def _check_debt(debt: Debt) -> None:
    if debt.amount.amount <= 0:
        raise InvalidInput.at("/debt/amount/amount", "amount_not_positive", "The amount is more than zero.")
    if debt.issued_on is not None and debt.issued_on > debt.due_on:
        raise InvalidInput.at("/debt/issued_on", "dates_reversed", "issued_on is not after due_on.")
    if debt.time_zone is not None and not is_time_zone(debt.time_zone):
        raise InvalidInput.at("/debt/time_zone", "unknown_time_zone", "This is not an IANA time zone.")
    if debt.locale is not None and debt.locale not in LOCALES:
        raise InvalidInput.at("/debt/locale", "unknown_locale", f"A locale is one of {', '.join(LOCALES)}.")


def _version(plan: ReminderPlan, wanted: Which | None) -> PlanVersion:
    found = {"draft": plan.draft_version, "published": plan.published_version}
    tried = found[wanted] if wanted is not None else plan.draft_version or plan.published_version
    if tried is None:
        raise InvalidInput.at("/version", "no_such_version", f"The plan has no {wanted or 'version'}.")
    return tried


async def _case(ctx: Context, plan: ReminderPlan, tried: PlanVersion, about: About) -> Case:
    receivable_id, customer_id = None, "cus_described"
    if about.receivable_id is not None:
        receivable = await get_receivable(ctx, about.receivable_id)
        if not receivable.open_amount:
            raise InvalidInput.at("/receivable_id", "receivable_settled", "Nothing of the receivable is open.")
        receivable_id, customer_id = receivable.id, receivable.customer_id
    elif about.customer_id is not None:
        oldest = (await owed_by(ctx, about.customer_id))[0]
        receivable_id, customer_id = oldest.id, oldest.customer_id
    return Case(
        id=_SIMULATED,
        receivable_id=receivable_id,
        customer_id=customer_id,
        plan_id=plan.id,
        plan_version_id=tried.id,
        state="active",
        close_reason=None,
        next_action_at=None,
        deferred_reasons=[],
        opened_at=ctx.now(),
        closed_at=None,
        version=1,
    )


async def _known(ctx: Context, case: Case, ladder: Ladder, about: About) -> Gathered:
    if about.debt is None:
        return (await gather_for(ctx, [case], {case.plan_version_id: ladder}))[case.id]
    known = await described(ctx, about.debt)
    if not ladder.needs_accounts:
        return known
    return replace(known, facts=replace(known.facts, usable_channels=await usable_channels(ctx)))


def _starts_at(ctx: Context, known: Gathered, starts_on: date | None) -> datetime:
    return ctx.now() if starts_on is None else instant_of(starts_on, time(), known.facts.time_zone)
