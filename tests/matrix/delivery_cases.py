"""Calls of the use cases of receipts and of notices that an integrator sends by itself."""

from __future__ import annotations

from typing import Any

from domain.ledger.payments import record_payment
from domain.messaging.intent_model import NoticeIntent
from tests.factories_messaging import a_queued_notice
from tests.factories_receipts import a_claimed_notice, an_offered_notice
from tests.matrix.registry import Call, Victim, case, one, plain


async def _notice(v: Victim) -> str:
    notice, _, _ = await a_queued_notice(v.ctx)
    return notice.id


plain("list_ignored_receipts")
one(_notice, "notice_id", "list_receipts")


@case("report_receipts")
async def _report_receipts(v: Victim) -> Call:
    receipt = {"kind": "delivered", "occurred_at": "2026-01-05T00:30:00Z"}
    return Call(path={"notice_id": await _notice(v)}, body={"receipts": [receipt]})


@case("claim_notices")
async def _claim(v: Victim) -> Call:
    await an_offered_notice(v.ctx)
    return Call(body={"limit": 100})


def _held(intent: NoticeIntent, **more: Any) -> Call:
    return Call(path={"notice_id": intent.notice.id}, body={"lease_token": intent.lease_token, **more})


@case("check_notice")
async def _check(v: Victim) -> Call:
    """One that is not owed any more, which the check cancels."""
    intent, receivable = await a_claimed_notice(v.ctx)
    await record_payment(v.ctx, customer_id=receivable.customer_id, amount=receivable.amount, received_on=v.ctx.today())
    return _held(intent)


@case("acknowledge_notice")
async def _acknowledge(v: Victim) -> Call:
    intent, _ = await a_claimed_notice(v.ctx)
    return _held(intent, outcome="sent", provider_message_id="wamid.1")


@case("release_notice")
async def _release(v: Victim) -> Call:
    intent, _ = await a_claimed_notice(v.ctx)
    return _held(intent)
