"""Credit notes out of a file: registered as the API registers them, once."""

from __future__ import annotations

from datetime import date

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.ledger.credit_notes import cancel_credit_note, get_credit_note_by_external_id
from domain.ledger.receivables import get_receivable_by_external_id
from domain.operations.model import Progress
from tests.factories import a_customer
from tests.factories_ledger import a_receivable, cny, count, errors_of, events_of, imported

HEADER = "external_id,customer_external_id,number,amount,currency,issued_on,reason,note,allocations\n"
TWO = (
    HEADER
    + "n-1,c-1,CN-1,100,CNY,2026-01-05,goods_returned,two boxes,INV-2\n"
    + "n-2,c-1,CN-2,50,CNY,2026-01-06,rebate,,\n"
)


async def test_credit_notes_lower_what_they_name_once(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    for n in (1, 2):
        await a_receivable(ctx, customer, external_id=f"i-{n}", number=f"INV-{n}", due_on=date(2026, 2, n))
    operation = await imported(ctx, TWO, kind="credit_notes")
    assert (operation.state, operation.progress) == ("succeeded", Progress(processed=2, created=2))
    made = await get_credit_note_by_external_id(ctx, "n-1")
    assert (made.number, made.reason, made.note, made.unapplied_amount) == (
        "CN-1",
        "goods_returned",
        "two boxes",
        cny(0),
    )
    open_amounts = [(await get_receivable_by_external_id(ctx, f"i-{n}")).open_amount for n in (1, 2)]
    assert open_amounts == [cny(950), cny(900)]
    # What was taken back since then is still the same credit note.
    await cancel_credit_note(ctx, made.id)
    again = await imported(ctx, TWO, kind="credit_notes")
    assert again.progress == Progress(processed=2, unchanged=2)
    assert await count(ctx, "credit_notes") == 2
    assert len(await events_of(ctx, "credit_note.issued")) == 2


async def test_a_bad_credit_note_is_its_own_error_alone(ctx: Context) -> None:
    await a_customer(ctx, external_id="c-1")
    await imported(ctx, TWO.replace("INV-2", ""), kind="credit_notes")
    content = (
        HEADER
        + "n-1,c-1,CN-1,101,CNY,2026-01-05,goods_returned,two boxes,\n"
        + "n-3,c-9,CN-3,1,CNY,2026-01-05,rebate,,\n"
        + "n-4,c-1,CN-4,1,CNY,2026-01-05,because,,\n"
        + "n-5,c-1,CN-5,1,CNY,2026-01-05,rebate,,INV-9\n"
        + "n-6,c-1,CN-6,1,CNY,2026-01-05,rebate,,\n"
    )
    dry, real = [await imported(ctx, content, kind="credit_notes", dry_run=dry) for dry in (True, False)]
    assert dry.progress == real.progress == Progress(processed=5, created=1, failed=4)
    assert [(e.line, e.column, e.code) for e in await errors_of(ctx, real)] == [
        (2, "external_id", "external_id_taken"),
        (3, "customer_external_id", "customer_not_found"),
        (4, "reason", "unknown_reason"),
        (5, "allocations", "receivable_not_found"),
    ]
    assert await count(ctx, "credit_notes") == 3


async def test_a_default_reason_is_one_that_there_is(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await imported(ctx, TWO, kind="credit_notes", mapping={"defaults": {"reason": "because"}})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("mapping/defaults/reason", "unknown_reason")]
