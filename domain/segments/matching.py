"""Who is in a segment: asked of the customers and what they owe as they are now, a batch in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.customers.model import Condition
from domain.kernel.context import Context
from domain.kernel.predicate import Predicate
from domain.kernel.scopes import Scope
from domain.segments import store
from domain.segments.rules.compiling import Compiler, Surroundings
from domain.segments.rules.fields import stored
from domain.storage.transaction import sql


@dataclass(frozen=True, slots=True)
class InSegment:
    """Narrows a list of customers to those of a segment; needs the scope segments:read beside the list's own."""

    segment_id: str

    async def condition(self, ctx: Context, first: int) -> Condition:
        """What to add to a statement over `customers c` whose next parameter is `first`; raises NotFound."""
        ctx.require(Scope.SEGMENTS_READ)
        segment = await store.get(ctx, self.segment_id)
        compiler = _compiler(ctx, first)
        where = compiler.condition(stored(segment.predicate))
        return Condition(join=compiler.join, where=where, arguments=tuple(compiler.arguments))


async def count_matching(ctx: Context, predicate: Predicate) -> int:
    """How many customers the predicate is true of."""
    compiler = _compiler(ctx, 2)
    where = compiler.condition(predicate)
    count: int = await sql(ctx).fetchval(
        f"select count(*) from customers c {compiler.join} where c.tenant_id = $1 and {where}",
        ctx.tenant_id,
        *compiler.arguments,
    )
    return count


async def segments_of(
    ctx: Context, customer_ids: Sequence[str], predicates: Mapping[str, Predicate]
) -> dict[str, frozenset[str]]:
    """For each of these customers the keys of the predicates that are true of it, in one statement."""
    if not customer_ids or not predicates:
        return dict.fromkeys(customer_ids, frozenset())
    compiler = _compiler(ctx, 3)
    asked = ", ".join(compiler.condition(predicate) for predicate in predicates.values())
    rows = await sql(ctx).fetch(
        f"""
        select c.id, array[{asked}]::boolean[] as answers from unnest($2::text[]) as wanted(id)
        cross join lateral (select * from customers where tenant_id = $1 and id = wanted.id limit 1) c {compiler.join}
        """,
        ctx.tenant_id,
        list(customer_ids),
        *compiler.arguments,
    )
    return {
        row["id"]: frozenset(key for key, is_true in zip(predicates, row["answers"], strict=True) if is_true)
        for row in rows
    }


def _compiler(ctx: Context, first: int) -> Compiler:
    return Compiler(Surroundings(now=ctx.now(), time_zone=ctx.time_zone, locale=ctx.locale), first)
