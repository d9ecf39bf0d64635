"""What a receivable is known by: its order, its contract, who sold it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable, ReceivableFilter
from domain.ledger.receivables import get_receivable, list_receivables, put_receivable, update_receivable
from domain.ledger.rules.references import References
from tests.factories import a_customer
from tests.factories_ledger import HEADER, a_payment, a_receivable, cny, errors_of, events_of, imported, receivables_of

KNOWN = References(order_reference=" PO-7 ", contract_reference="合同-1", salesperson="王芳")


def said(receivable: Receivable) -> tuple[str | None, str | None, str | None]:
    return receivable.order_reference, receivable.contract_reference, receivable.salesperson


async def test_references_are_trimmed_stored_told_and_stay_through_a_payment(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer, references=KNOWN)
    assert said(made) == ("PO-7", "合同-1", "王芳")
    await a_payment(ctx, customer, 100)
    assert said(await get_receivable(ctx, made.id)) == said(made)
    (event,) = await events_of(ctx, "receivable.created")
    assert event.data["receivable"]["contract_reference"] == "合同-1"
    assert said(await a_receivable(ctx, customer)) == (None, None, None)


async def test_a_patch_changes_what_it_names_and_clears_with_none(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx), references=KNOWN)
    changed = await update_receivable(ctx, made.id, {"salesperson": None, "order_reference": "PO-8 "})
    assert said(changed) == ("PO-8", "合同-1", None)
    assert said(await get_receivable(ctx, made.id)) == said(changed)
    again = await update_receivable(ctx, made.id, {"order_reference": " PO-8"})
    assert again.version == changed.version == 2


async def test_a_put_replaces_them(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer, external_id="i-1", references=KNOWN)
    terms: dict[str, Any] = {
        "number": made.number,
        "amount": made.amount,
        "issued_on": made.issued_on,
        "due_on": made.due_on,
    }
    same = await put_receivable(ctx, "i-1", customer_id=customer.id, **terms, references=KNOWN)
    assert same.version == 1
    assert said(await put_receivable(ctx, "i-1", customer_id=customer.id, **terms)) == (None, None, None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("", "length_out_of_range"), ("   ", "length_out_of_range"), ("x" * 201, "length_out_of_range")]
    + [(text, "control_character") for text in ("a\x00b", "a\nb", "a\u2028b", "a\x9fb")],
)
async def test_what_is_no_reference_is_refused_at_its_place(ctx: Context, wrong: str, code: str) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await a_receivable(ctx, customer, references=References(order_reference=wrong, contract_reference=wrong))
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/order_reference", code),
        ("/contract_reference", code),
    ]
    made = await a_receivable(ctx, customer)
    with pytest.raises(InvalidInput):
        await update_receivable(ctx, made.id, {"salesperson": wrong})


async def test_the_list_is_narrowed_by_order_and_contract(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = [
        await a_receivable(ctx, customer, references=References(order_reference=order, contract_reference=contract))
        for order, contract in (("PO-1", "C-1"), ("PO-2", "C-1"), ("PO-2", "C-2"))
    ]
    await a_receivable(ctx, customer)

    async def found(**filters: Any) -> list[str]:
        return [r.id for r in (await list_receivables(ctx, PageRequest(), ReceivableFilter(**filters))).items]

    assert await found(contract_reference="C-1") == [made[0].id, made[1].id]
    assert await found(order_reference="PO-2", contract_reference="C-1") == [made[1].id]
    assert await found(order_reference="PO-3") == []


async def test_a_file_brings_them_and_one_that_is_silent_leaves_them(ctx: Context) -> None:
    header = HEADER.strip() + ",order_reference,contract_reference,salesperson\n"
    row = "i-1,c-1,INV-1,100.00,CNY,2026-01-01,2026-01-31,Lanhai,,{},{},{}\n"
    first = await imported(ctx, header + row.format("PO-1", "C-1", "Wang"))
    assert first.progress.created == 1
    assert said((await receivables_of(ctx))["i-1"]) == ("PO-1", "C-1", "Wang")
    silent = await imported(ctx, HEADER + "i-1,c-1,INV-1,100.00,CNY,2026-01-01,2026-01-31,Lanhai,\n")
    assert silent.progress.unchanged == 1
    second = await imported(ctx, header + row.format("", "C-2", ""))
    assert second.progress.updated == 1
    assert said((await receivables_of(ctx))["i-1"]) == ("PO-1", "C-2", "Wang")
    assert (await receivables_of(ctx))["i-1"].amount == cny(100)
    bad = await imported(ctx, header + row.format("PO\t1", "C" * 201, ""))
    assert [(e.column, e.code) for e in await errors_of(ctx, bad)] == [
        ("order_reference", "control_character"),
        ("contract_reference", "too_long"),
    ]
