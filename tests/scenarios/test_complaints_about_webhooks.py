"""What users of other systems complain about, told against this one: webhooks unsigned, missing, unretried, out of order, doubled."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from domain.events.catalogue import EVENT_TYPES
from domain.events.delivering import deliver_due
from domain.events.fan_out import fan_out
from domain.events.log import list_events
from domain.events.webhook_model import WebhookRequest
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step
from tests.factories_webhooks import BROKEN, OK, Receiver, an_endpoint, deliveries, now
from tests.scenarios.life import Life


async def test_complaint_13_a_payment_by_hand_is_told_signed_and_until_it_is_heard(ctx: Context) -> None:
    """killbill #2227 (unsigned), lago-api #3795 (a payment by hand fired no event), invoiceninja #9909."""
    endpoint = await an_endpoint(ctx, event_types=["payment.*", "receivable.paid"])
    life, debtor = Life(ctx), await a_debtor(ctx)
    debt = await a_receivable(ctx, debtor)
    await life.pays(debtor, "1299.00")
    await fan_out(life.ctx)
    receiver, clock = Receiver(a=[BROKEN, BROKEN, OK]), now()
    while pending := [one.next_attempt_at for one in await deliveries(life.ctx) if one.next_attempt_at]:
        clock = max(clock, min(pending))
        await deliver_due(life.ctx, receiver, clock=FixedClock(clock))
    assert {one.state for one in await deliveries(life.ctx)} == {"delivered"}
    heard = {_told(request)["type"]: request for request in receiver.got["a"]}
    assert set(heard) == {"payment.recorded", "receivable.paid"}
    first = receiver.got["a"][0]
    Webhook(endpoint.secret).verify(first.body, first.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(first.body.replace(b"1299", b"1.00"), first.headers)
    assert _told(heard["receivable.paid"])["data"]["receivable"]["id"] == debt.id


async def test_complaint_14_a_receiver_can_put_events_in_order_and_drop_doubles(ctx: Context) -> None:
    """stripe-cli #418, PostHog #98651 (timestamps of a second tie): numbers without gaps order them, ids tell doubles."""
    await a_plan(ctx, steps=[email_step("first", 3)])
    await an_endpoint(ctx, event_types=sorted({f"{name.split('.')[0]}.*" for name in EVENT_TYPES}))
    life, debtor = Life(ctx), await a_debtor(ctx)
    await a_receivable(ctx, debtor)
    await life.work()
    await life.pays(debtor, "1000.00")
    await life.pays(debtor, "299.00")
    await life.work()
    await fan_out(life.ctx)
    # The first answers get lost, so these events are posted again, after others that came later.
    receiver, clock = Receiver(a=[BROKEN, OK]), now()
    while pending := [one.next_attempt_at for one in await deliveries(life.ctx) if one.next_attempt_at]:
        clock = max(clock, min(pending))
        await deliver_due(life.ctx, receiver, clock=FixedClock(clock))
    arrived = [_told(request) for request in receiver.got["a"]]
    once = {event["id"]: event for event in arrived}
    assert len(arrived) > len(once)
    in_order = sorted(once.values(), key=lambda event: int(event["sequence"]))
    assert all(later["sequence"] - earlier["sequence"] == 1 for earlier, later in pairwise(in_order))
    assert [event["id"] for event in in_order] == [
        event.id for event in (await list_events(life.ctx, PageRequest(limit=200))).items[-len(in_order) :]
    ]
    assert [
        e["data"]["receivable"]["open_amount"]["amount"] for e in in_order if e["type"].startswith("receivable.p")
    ] == [
        "299.00",
        "0.00",
    ]


def _told(request: WebhookRequest) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(request.body)
    return told
