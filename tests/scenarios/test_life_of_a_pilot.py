"""A plan that is tried, released by hand, stopped, bettered and let go, told with a moving test clock."""

from __future__ import annotations

from datetime import date

from domain.dunning.migrations import migrate_cases, preview_migration, run_migration
from domain.dunning.plan_control import pause_plan, resume_plan
from domain.dunning.plans import publish_plan, update_plan
from domain.dunning.runs import exclude_run_items, list_run_items, open_run, release_run, run_report
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.operations import work
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step
from tests.scenarios.life import Life

LADDER = [email_step("first", 3), email_step("second", 10), email_step("third", 20, "firm_notice")]


async def test_s10_a_pilot_from_shadow_to_live(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=LADDER, mode="shadow", release="manual")
    life = Life(ctx)
    lanhai, beihai = [await a_debtor(ctx, name=name) for name in ("Lanhai", "Beihai")]
    debts = [await a_receivable(ctx, owing, number=f"INV-{owing.name}") for owing in (lanhai, beihai)]

    # Two weeks in shadow: everybody can read what would have been sent, nobody was written to.
    await life.until(date(2026, 1, 14))
    assert [await life.told(debt) for debt in debts] == [["first skipped shadow_mode"]] * 2
    assert life.subjects() == []

    # Live, but by hand: the first step is not caught up with, the second waits for its release.
    await update_plan(life.ctx, plan.id, {"mode": "live"})
    await life.until(date(2026, 1, 21))
    assert life.subjects() == []
    run = await open_run(life.ctx)
    mine, theirs = (await list_run_items(life.ctx, run.id, PageRequest())).items
    assert {mine.step_key, theirs.step_key} == {"second"}
    left_out = next(item for item in (mine, theirs) if item.customer_id == beihai.id)
    await exclude_run_items(life.ctx, run.id, notice_ids=[left_out.notice_id], reason="Their boss is visiting")
    await release_run(life.ctx, run.id)
    await life.work()
    assert [subject.count("INV-Lanhai") for subject in life.subjects()] == [1]
    report = await run_report(life.ctx, run.id)
    assert (report.released_count, report.sent_count, report.excluded_count) == (1, 1, 1)
    assert await life.told(debts[1]) == [
        "first skipped shadow_mode",
        "second done",
        "second skipped excluded_in_triage",
    ]

    # Something is wrong with the third text: everything stops while it is rewritten, and comes five days later.
    await pause_plan(life.ctx, plan.id)
    await update_plan(life.ctx, plan.id, {"release": "automatic"})
    gentler = [*LADDER[:2], email_step("third_gentle", 25)]
    await update_plan(life.ctx, plan.id, {"steps": gentler})
    await publish_plan(life.ctx, plan.id)
    await life.until(date(2026, 2, 1))
    assert len(life.subjects()) == 1
    assert (await life.case(debts[0])).deferred_reasons == ["plan_paused"]

    told = (await preview_migration(life.ctx, plan.id, PageRequest())).items
    assert [(one.can_move, one.dropped_steps, one.next and one.next.step_key) for one in told] == [
        (True, ["third"], "third_gentle")
    ] * 2
    operation = await migrate_cases(life.ctx, plan.id)
    claimed = await work.claim(life.ctx, operation.id)
    assert claimed is not None
    await run_migration(life.ctx, claimed)
    await resume_plan(life.ctx, plan.id)
    await life.work()
    assert len(life.subjects()) == 1
    await life.until(date(2026, 2, 5))
    assert len(life.subjects()) == 3
    assert [await life.told(debt) for debt in debts] == [
        ["first skipped shadow_mode", "second done", "third_gentle done"],
        ["first skipped shadow_mode", "second done", "second skipped excluded_in_triage", "third_gentle done"],
    ]


async def test_a_pause_over_two_rungs_ends_in_one_letter_to_each_customer(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=LADDER)
    life = Life(ctx)
    debts = [await a_receivable(ctx, await a_debtor(ctx), number=f"INV-{n}") for n in range(3)]
    await pause_plan(ctx, plan.id)
    await life.until(date(2026, 1, 31))
    assert life.subjects() == []
    await resume_plan(life.ctx, plan.id)
    await life.until(date(2026, 2, 1))
    assert len(life.subjects()) == 3
    assert [await life.told(debt) for debt in debts] == [
        ["first skipped superseded", "second skipped superseded", "third done"]
    ] * 3
