"""Which receivables a case of an account stands for: they join it, find it, wake it and may leave it for a case of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.dunning import case_store
from domain.dunning.model import Case
from domain.dunning.rules.options import Anchor
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import PageRequest
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.transaction import sql

_Key = tuple[str, str]
_MEMBER_TYPES = {
    **dict.fromkeys(("tenant_id", "receivable_id", "case_id"), "text"),
    "joined_at": "timestamptz",
}
_ROUND_CHANGES = {
    "anchor": "text",
    "plan_id": "text",
    "plan_version_id": "text",
    "enters_on": "date",
    "version": "integer",
    "round_started_at": "timestamptz",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A receivable that joins the case of its customer and currency, and the plan that such a case would begin with."""

    receivable_id: str
    customer_id: str
    currency: str
    plan_id: str
    plan_version_id: str
    anchor: Anchor
    enters_on: date | None

    @property
    def account(self) -> _Key:
        """Whose case it is."""
        return self.customer_id, self.currency


async def join(ctx: Context, joining: Sequence[Joining]) -> list[Case]:
    """Has receivables join the cases of their accounts, in the open transaction; the cases that were opened or taken up for it.

    A case that owed nothing any more begins a new round, with the plan of now; one that is on its way keeps its own. Each of them is
    looked at by the engine at once. The caller holds the tenant's turn, so no two transactions open the same case.
    """
    if not joining:
        return []
    found = await _lock_accounts(ctx, joining)
    opened = {key: _opened(ctx, one) for key, one in _first(joining).items() if key not in found}
    taken_up = {
        key: _taken_up(ctx, found[key], one)
        for key, one in _first(joining).items()
        if key in found and found[key].state == "closed"
    }
    await case_store.add(ctx, list(opened.values()))
    await _begin_rounds(ctx, list(taken_up.values()))
    cases = {**found, **taken_up, **opened}
    rows = [(ctx.tenant_id, one.receivable_id, cases[one.account].id, ctx.now()) for one in joining]
    await insert_rows(sql(ctx), "case_receivables", _MEMBER_TYPES, rows)
    await _look_again(ctx, [case.id for case in found.values()])
    return [*opened.values(), *taken_up.values()]


async def among(ctx: Context, receivable_ids: Sequence[str]) -> list[str]:
    """Those of these receivables that the case of an account stands for."""
    rows = await sql(ctx).fetch(
        "select receivable_id from case_receivables where tenant_id = $1 and receivable_id = any($2)",
        ctx.tenant_id,
        list(receivable_ids),
    )
    return [row["receivable_id"] for row in rows]


async def leave(ctx: Context, receivable_ids: Sequence[str]) -> None:
    """Takes receivables out of the cases of their accounts, which are looked at again."""
    if not receivable_ids:
        return
    rows = await sql(ctx).fetch(
        "delete from case_receivables where tenant_id = $1 and receivable_id = any($2) returning case_id",
        ctx.tenant_id,
        list(receivable_ids),
    )
    await _look_again(ctx, list({row["case_id"] for row in rows}))


async def wake(ctx: Context, receivable_ids: Iterable[str]) -> int:
    """Has the engine look again at the cases of these receivables' accounts; how many receivables are in one."""
    wanted = list(receivable_ids)
    if not wanted:
        return 0
    rows = await sql(ctx).fetch(
        """
        select m.case_id from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select case_id from case_receivables where tenant_id = $1 and receivable_id = wanted.id limit 1) m
        """,
        ctx.tenant_id,
        wanted,
    )
    await _look_again(ctx, list({row["case_id"] for row in rows}))
    return len(rows)


async def take_up_again(ctx: Context, receivable_ids: Sequence[str]) -> list[Case]:
    """Takes up the cases of accounts that were closed, and in which one of these receivables is open again."""
    rows = await sql(ctx).fetch(
        f"""
        update cases c set state = 'active', close_reason = null, closed_at = null, next_action_at = $3,
          round_started_at = $3, enters_on = null, version = version + 1
        from (
          select distinct m.case_id from unnest($2::text[]) as wanted(id)
          cross join lateral (
            select id from receivables where tenant_id = $1 and id = wanted.id and open_amount > 0 limit 1) r
          cross join lateral (
            select case_id from case_receivables where tenant_id = $1 and receivable_id = r.id limit 1) m) found
        where c.tenant_id = $1 and c.id = found.case_id and c.state = 'closed' and c.close_reason is distinct from 'stopped'
        returning {_of("c")}
        """,
        ctx.tenant_id,
        list(receivable_ids),
        ctx.now(),
    )
    return list(map(case_store.case_of, rows))


async def members_of(ctx: Context, case_ids: Sequence[str]) -> dict[str, list[Any]]:
    """The open receivables that the cases of accounts stand for, by case: what reminders depend on."""
    rows = await sql(ctx).fetch(
        """
        select m.case_id, r.id, r.number, r.currency, r.amount, r.open_amount, r.issued_on, r.due_on,
          r.due_on_is_provisional, r.held_until,
          coalesce(s.grace_days, 0) as grace_days, coalesce(s.minimum_days_between, 0) as minimum_days_between
        from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select case_id, receivable_id from case_receivables where tenant_id = $1 and case_id = wanted.id offset 0) m
        cross join lateral (
          select * from receivables where tenant_id = $1 and id = m.receivable_id and open_amount > 0 limit 1) r
        left join lateral (select * from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
        """,
        ctx.tenant_id,
        list(case_ids),
    )
    found: dict[str, list[Any]] = {case_id: [] for case_id in case_ids}
    for row in rows:
        found[row["case_id"]].append(row)
    return found


async def statuses_of(ctx: Context, case_ids: Sequence[str]) -> dict[str, list[str]]:
    """How the receivables of accounts stand, by case."""
    rows = await sql(ctx).fetch(
        """
        select m.case_id, array_agg(distinct r.status) as statuses
        from case_receivables m join receivables r on r.tenant_id = m.tenant_id and r.id = m.receivable_id
        where m.tenant_id = $1 and m.case_id = any($2) group by m.case_id
        """,
        ctx.tenant_id,
        list(case_ids),
    )
    return {row["case_id"]: row["statuses"] for row in rows}


async def standing_for(ctx: Context, receivable_id: str) -> Case | None:
    """The case of a receivable: its own, else that of the account that it has joined; None if there is none."""
    row = await sql(ctx).fetchrow(
        f"""
        select {case_store.CASE} from cases where tenant_id = $1 and id = coalesce(
          (select id from cases where tenant_id = $1 and receivable_id = $2 limit 1),
          (select case_id from case_receivables where tenant_id = $1 and receivable_id = $2 limit 1)) limit 1
        """,
        ctx.tenant_id,
        receivable_id,
    )
    return case_store.case_of(row) if row else None


async def page_of_members(ctx: Context, case_id: str, request: PageRequest) -> list[Any]:
    """Rows of a page of what the case of an account stands for, one more than asked for."""
    return await sql(ctx).fetch(
        "select receivable_id, joined_at from case_receivables where tenant_id = $1 and case_id = $2"
        " and ($3::text is null or receivable_id > $3) order by receivable_id limit $4",
        ctx.tenant_id,
        case_id,
        request.after,
        request.limit + 1,
    )


async def _lock_accounts(ctx: Context, joining: Sequence[Joining]) -> dict[_Key, Case]:
    rows = await sql(ctx).fetch(
        f"""
        select {case_store.CASE} from cases where tenant_id = $1 and receivable_id is null
          and (customer_id, currency) in (select * from unnest($2::text[], $3::text[]))
        order by id for no key update
        """,
        ctx.tenant_id,
        *map(list, zip(*sorted({one.account for one in joining}), strict=True)),
    )
    cases = map(case_store.case_of, rows)
    return {(case.customer_id, case.currency): case for case in cases if case.currency is not None}


def _first(joining: Sequence[Joining]) -> Mapping[_Key, Joining]:
    """Of several debts that join together, the one whose entry is earliest says how the account enters."""
    firsts: dict[_Key, Joining] = {}
    for one in joining:
        other = firsts.setdefault(one.account, one)
        if one.enters_on is not None and (other.enters_on is None or one.enters_on < other.enters_on):
            firsts[one.account] = one
    return firsts


def _opened(ctx: Context, one: Joining) -> Case:
    return Case(
        id=new_id("cas"),
        receivable_id=None,
        customer_id=one.customer_id,
        anchor=one.anchor,
        currency=one.currency,
        plan_id=one.plan_id,
        plan_version_id=one.plan_version_id,
        state="active",
        close_reason=None,
        next_action_at=ctx.now(),
        deferred_reasons=[],
        opened_at=ctx.now(),
        closed_at=None,
        version=1,
        round_started_at=ctx.now(),
        enters_on=one.enters_on,
    )


def _taken_up(ctx: Context, case: Case, one: Joining) -> Case:
    return replace(
        case,
        anchor=one.anchor,
        plan_id=one.plan_id,
        plan_version_id=one.plan_version_id,
        state="active",
        close_reason=None,
        closed_at=None,
        next_action_at=ctx.now(),
        deferred_reasons=[],
        round_started_at=ctx.now(),
        enters_on=one.enters_on,
        version=case.version + 1,
    )


async def _begin_rounds(ctx: Context, cases: Sequence[Case]) -> None:
    rows = [
        (ctx.tenant_id, c.id, c.anchor, c.plan_id, c.plan_version_id, c.enters_on, c.version, c.round_started_at)
        for c in cases
    ]
    await update_rows(sql(ctx), "cases", {"tenant_id": "text", "id": "text"}, _ROUND_CHANGES, rows)
    await case_store.save(ctx, cases)


async def _look_again(ctx: Context, case_ids: Sequence[str]) -> None:
    if case_ids:
        await sql(ctx).execute(
            "update cases set next_action_at = $3 where tenant_id = $1 and id = any($2) and state <> 'closed'",
            ctx.tenant_id,
            list(case_ids),
            ctx.now(),
        )


def _of(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in case_store.CASE.split(", "))
