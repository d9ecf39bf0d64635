"""Use cases of lines: what the invoice was for."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import line_store, store
from domain.ledger.detail_model import Line
from domain.ledger.model import Receivable
from domain.ledger.rules.lines import check_lines, numbered
from domain.ledger.rules.standing import check_not_cancelled, touched
from domain.storage.transaction import reading, transaction


@use_case("receivables:write")
async def replace_receivable_lines(
    ctx: Context, receivable_id: str, lines: Sequence[Line], *, expected_version: int | None = None
) -> Receivable:
    """Puts these lines in the place of all that there were; none removes them, and the same ones again change nothing.

    Raises InvalidInput (`lines_do_not_sum`) unless they, with their tax, sum to the receivable's amount.
    """
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        expect(held.receivable.version, expected_version)
        if not await rewrite_lines(ctx, held.receivable, lines):
            return held.receivable
        changed = touched(held, ctx.now())
        await store.save_standing(ctx, [changed])
        tell_lines_replaced(ctx, changed.receivable, lines)
    return changed.receivable


@use_case("receivables:read")
async def list_receivable_lines(ctx: Context, receivable_id: str, page: PageRequest) -> Page[Line]:
    """The lines of a receivable in their order; raises NotFound."""
    async with reading(ctx):
        receivable = await store.find(ctx, receivable_id)
        if receivable is None:
            raise NotFound.of("receivable", receivable_id)
        rows = await line_store.page(ctx, receivable_id, receivable.amount.currency, page)
    return page_of(rows, page, lambda line: str(line.position), lambda line: line)


async def rewrite_lines(ctx: Context, receivable: Receivable, lines: Sequence[Line]) -> bool:
    """Stores the lines of a locked receivable if they differ from those it has; whether they did."""
    check_lines(lines, receivable.amount)
    wanted = numbered(lines)
    if wanted == await line_store.all_of(ctx, receivable.id, receivable.amount.currency):
        return False
    check_not_cancelled(receivable)
    await line_store.replace_all(ctx, receivable.id, wanted)
    return True


def tell_lines_replaced(ctx: Context, receivable: Receivable, lines: Sequence[Line]) -> None:
    """Emits `receivable.lines_replaced`, which tells how many there are but not what they say."""
    data = {"receivable": receivable, "line_count": len(lines)}
    emit(ctx, NewEvent("receivable.lines_replaced", receivable.id, data))


def amount_differs_from_lines() -> Conflict:
    """Another amount without other lines, where there are some."""
    return Conflict("amount_differs_from_lines", "Its lines sum to its amount; give new lines with another amount.")
