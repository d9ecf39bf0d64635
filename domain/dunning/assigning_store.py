"""What is needed to know which plan applies, in PostgreSQL: for a batch of receivables or customers, never for one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.dunning.rules.assigning import Candidate, PlanSource
from domain.kernel.context import Context
from domain.kernel.predicate import Predicate
from domain.segments.rules.fields import stored
from domain.storage.transaction import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A customer, or one receivable of it, and the plans that are its own."""

    id: str
    customer_id: str
    own_plan_id: str | None = None
    customer_plan_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A plan assignment with what its segment asks."""

    id: str
    segment_id: str
    plan_id: str
    predicate: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What counts of a plan when it is chosen."""

    id: str
    name: str
    is_default: bool
    does_nothing: bool
    rollout_percent: int
    plan_version_id: str | None
    version: int | None

    def by(self, source: PlanSource, rule: Rule | None = None, *, matches: bool = True) -> Candidate:
        """This plan as it might apply."""
        return Candidate(
            source=source,
            plan_id=self.id,
            plan_name=self.name,
            plan_version_id=self.plan_version_id,
            version=self.version,
            does_nothing=self.does_nothing,
            rollout_percent=self.rollout_percent,
            assignment_id=rule.id if rule else None,
            segment_id=rule.segment_id if rule else None,
            segment_matches=matches,
        )


async def receivables(ctx: Context, ids: Sequence[str]) -> list[Subject]:
    """Those of these receivables that exist, with the plans that they and their customers were given."""
    rows = await sql(ctx).fetch(
        """
        select r.id, r.customer_id, s.plan_id as own_plan_id, cs.plan_id as customer_plan_id
        from unnest($2::text[]) as wanted(id)
        cross join lateral (select id, customer_id from receivables where tenant_id = $1 and id = wanted.id limit 1) r
        left join lateral (
          select plan_id from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
        left join lateral (
          select plan_id from customer_reminder_settings where tenant_id = $1 and customer_id = r.customer_id limit 1) cs on true
        """,
        ctx.tenant_id,
        list(ids),
    )
    return [Subject(**dict(row)) for row in rows]


async def customers(ctx: Context, ids: Sequence[str]) -> list[Subject]:
    """Those of these customers that exist, with the plans that they were given."""
    rows = await sql(ctx).fetch(
        """
        select c.id, c.id as customer_id, cs.plan_id as customer_plan_id from unnest($2::text[]) as wanted(id)
        cross join lateral (select id from customers where tenant_id = $1 and id = wanted.id limit 1) c
        left join lateral (
          select plan_id from customer_reminder_settings where tenant_id = $1 and customer_id = c.id limit 1) cs on true
        """,
        ctx.tenant_id,
        list(ids),
    )
    return [Subject(**dict(row)) for row in rows]


async def rules(ctx: Context) -> list[Rule]:
    """The tenant's plan assignments in the order in which they are asked."""
    rows = await sql(ctx).fetch(
        """
        select a.id, a.segment_id, a.plan_id, s.predicate from plan_assignments a
        cross join lateral (select predicate from segments where tenant_id = a.tenant_id and id = a.segment_id limit 1) s
        where a.tenant_id = $1 order by a.priority
        """,
        ctx.tenant_id,
    )
    return [Rule(**{**dict(row), "predicate": stored(msgspec.json.decode(row["predicate"]))}) for row in rows]


async def plans(ctx: Context, ids: Iterable[str]) -> dict[str, Plan]:
    """These plans and the default one, by id."""
    rows: list[Any] = await sql(ctx).fetch(
        """
        select p.id, p.name, p.is_default, p.does_nothing, p.rollout_percent, v.id as plan_version_id, v.number as version
        from reminder_plans p
        left join plan_versions v on v.tenant_id = p.tenant_id and v.plan_id = p.id and v.state = 'published'
        where p.tenant_id = $1 and (p.id = any($2) or p.is_default)
        """,
        ctx.tenant_id,
        list(ids),
    )
    return {row["id"]: Plan(**dict(row)) for row in rows}


async def is_chosen_by_rule(ctx: Context, plan_id: str) -> bool:
    """Whether a plan is the default one or that of a segment: whether it may apply where nobody has named it."""
    chosen: bool = await sql(ctx).fetchval(
        "select exists (select 1 from reminder_plans where tenant_id = $1 and id = $2 and is_default)"
        " or exists (select 1 from plan_assignments where tenant_id = $1 and plan_id = $2)",
        ctx.tenant_id,
        plan_id,
    )
    return chosen


async def case_of(ctx: Context, receivable_id: str) -> tuple[str | None, str | None]:
    """The case of a receivable and the plan that it walks through, if there is one."""
    row = await sql(ctx).fetchrow(
        "select id, plan_id from cases where tenant_id = $1 and receivable_id = $2 limit 1",
        ctx.tenant_id,
        receivable_id,
    )
    return (row["id"], row["plan_id"]) if row else (None, None)
