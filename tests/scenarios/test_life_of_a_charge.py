"""Being late costs something: a fee and interest posted by steps of the plan, told through every worker of the engine."""

from __future__ import annotations

from datetime import date

import pytest

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.charge_model import Charge
from domain.ledger.charges import charge_by_rule, get_charge, list_charges, waive_charge
from domain.ledger.disputes import open_dispute
from domain.ledger.model import Receivable
from domain.ledger.receivables import get_receivable
from domain.messaging.notices import list_notices
from domain.storage.transaction import transaction
from tests.factories_dunning import (
    a_debtor,
    a_fee,
    a_plan,
    a_receivable,
    a_thousandth_a_day,
    charge_step,
    email_step,
    events_of,
)
from tests.factories_ledger import cny
from tests.scenarios.life import Life


@pytest.fixture
async def life(ctx: Context) -> Life:
    """A reminder on the third day, a fee with the one on the tenth, interest with the one on the twentieth and the thirtieth."""
    fee, interest = await a_fee(ctx), await a_thousandth_a_day(ctx)
    steps = [
        email_step("first", 3),
        email_step("second", 10),
        charge_step("fee", 10, fee),
        charge_step("interest", 20, interest),
        email_step("third", 20),
        charge_step("more", 30, interest),
        charge_step("again", 31, fee),
    ]
    await a_plan(ctx, steps=steps)
    return Life(ctx)


@pytest.fixture
async def debtor(life: Life) -> Customer:
    return await a_debtor(life.ctx)


@pytest.fixture
async def debt(life: Life, debtor: Customer) -> Receivable:
    """1,299 CNY due on 10 January: the fee comes on the 20th, interest on the 30th and on 9 February."""
    receivable = await a_receivable(life.ctx, debtor)
    await life.work()
    return receivable


async def charges_of(life: Life) -> list[Charge]:
    return (await list_charges(life.ctx, PageRequest())).items


async def look_again(life: Life) -> None:
    """Every case is looked at once more at the same instant."""
    async with transaction(life.ctx) as tx:
        await tx.execute(
            "update cases set next_action_at = $2 where tenant_id = $1 and state <> 'closed'",
            life.ctx.tenant_id,
            life.ctx.now(),
        )
    await life.work()


async def test_a_fee_and_interest_are_charged_once_each_asked_for_and_waived(life: Life, debt: Receivable) -> None:
    await life.until(date(2026, 1, 21))
    await look_again(life)
    (fee,) = await charges_of(life)
    assert (fee.amount, fee.component, fee.effective_on) == (cny(40), "fee", date(2026, 1, 20))
    # The e-mail of the same instant comes before the fee in the plan, and asks for it all the same.
    assert "1,339.00" in life.mailbox.mails[-1].body
    await waive_charge(life.ctx, fee.id, reason="goodwill")

    await life.until(date(2026, 1, 31))
    await look_again(life)
    _, interest = await charges_of(life)
    assert (interest.amount, interest.effective_on) == (cny("25.98"), date(2026, 1, 30))
    assert "1,324.98" in life.mailbox.mails[-1].body
    await waive_charge(life.ctx, interest.id, reason="goodwill")

    await life.until(date(2026, 2, 12))
    await look_again(life)
    _, _, grown = await charges_of(life)
    assert (grown.amount, grown.component) == (cny("12.99"), "interest")
    assert await life.told(debt) == [
        "first done",
        "second done",
        "fee done",
        "interest done",
        "third done",
        "more done",
        "again skipped nothing_to_charge",
    ]
    assert (await get_receivable(life.ctx, debt.id)).open_amount == cny("1311.99")
    posted = await events_of(life.ctx, "charge.posted", "charge.waived")
    assert [event.type for event in posted] == ["charge.posted", "charge.waived"] * 2 + ["charge.posted"]


async def test_the_timeline_names_the_charge_and_those_to_come(life: Life, debt: Receivable) -> None:
    await life.until(date(2026, 1, 21))
    timeline = await life.timeline(debt)
    (fee,) = await charges_of(life)
    (occurrence,) = [one for one in timeline.past if one.action == "charge"]
    assert (occurrence.charge_id, occurrence.notice_id) == (fee.id, None)
    assert [(step.step_key, step.action) for step in timeline.future][::2] == [
        ("interest", "charge"),
        ("more", "charge"),
    ]
    done = [e for e in await events_of(life.ctx, "case.step_done") if e.data["occurrence"]["step_key"] == "fee"]
    assert [event.data["occurrence"]["charge_id"] for event in done] == [fee.id]


async def test_what_a_person_has_charged_by_the_same_rule_counts(life: Life, debt: Receivable) -> None:
    await life.until(date(2026, 1, 31))
    interest = (await charges_of(life))[-1]
    await life.until(date(2026, 2, 5))
    by_hand = await charge_by_rule(life.ctx, debt.id, rule_id=str(interest.rule_id))
    assert by_hand.amount == cny("7.79")
    await life.until(date(2026, 2, 10))
    assert (await charges_of(life))[-1].amount == cny("38.97") - interest.amount - by_hand.amount


async def test_after_an_outage_all_charges_are_posted_and_one_mail_asks_for_all_of_it(
    life: Life, debt: Receivable
) -> None:
    await life.jump((await life.case(debt)).opened_at.replace(year=2026, month=2, day=9, hour=4))
    assert [(c.component, c.amount, c.effective_on) for c in await charges_of(life)] == [
        ("fee", cny(40), date(2026, 2, 9)),
        ("interest", cny("38.97"), date(2026, 2, 9)),
    ]
    assert await life.told(debt) == [
        "first skipped superseded",
        "second skipped superseded",
        "fee done",
        "interest done",
        "third done",
        "more skipped nothing_to_charge",
    ]
    (mail,) = life.mailbox.mails
    assert "1,377.97" in mail.body
    (notice,) = (await list_notices(life.ctx, PageRequest())).items
    assert notice.open_amount == cny("1377.97")


async def test_nothing_is_charged_on_what_is_disputed_as_a_whole_and_no_interest_on_a_disputed_part(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    other = await a_receivable(life.ctx, debtor, number="INV-2", amount=cny(1000))
    await open_dispute(life.ctx, debt.id, reason="quality")
    await open_dispute(life.ctx, other.id, amount=cny(400), reason="quality")
    await life.until(date(2026, 1, 31))
    assert await life.told(debt) == [f"{key} held disputed" for key in ("first", "second", "fee", "interest", "third")]
    frozen = [c for c in await charges_of(life) if c.receivable_id == other.id]
    # From 11 to 30 January on 600; the dispute was opened before the debt was due.
    assert [(c.component, c.amount) for c in frozen] == [("fee", cny(40)), ("interest", cny(12))]
    assert all(c.receivable_id == other.id for c in await charges_of(life))
    assert (await get_charge(life.ctx, frozen[0].id)).amount == cny(40)
