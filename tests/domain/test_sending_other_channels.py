"""Whoever is written to by SMS, WeCom, push or WhatsApp is looked up again on that channel before the notice leaves."""

from __future__ import annotations

from typing import Any

import pytest

from domain.customers.contacts import update_contact
from domain.customers.model import Contact
from domain.customers.reachability import Learnt, learn
from domain.kernel.context import Context
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, queue_notices
from domain.messaging.sending import send_due_notices
from domain.messaging.templates import create_template, load_templates
from tests.factories_messaging import FakeChannel, a_billed_contact, a_draft

PHONE = "13800006789"
WAYS: dict[str, dict[str, Any]] = {
    "sms": {"phone": PHONE},
    "whatsapp": {"phone": PHONE},
    "wecom": {"addresses": {"wecom": "wmExternal1"}},
    "push": {"addresses": {"push": "token-1"}},
}
"""The fields that make a contact reachable on a channel."""
ELSEWHERE: dict[str, dict[str, Any]] = {
    "sms": {"phone": "13900001111"},
    "whatsapp": {"addresses": {"whatsapp": "13900001111"}},
    "wecom": {"addresses": {"wecom": "wmExternal2"}},
    "push": {"addresses": {"push": "token-2"}},
}
CHANNELS = pytest.mark.parametrize("channel", list(WAYS))


async def _queued(ctx: Context, channel: str) -> tuple[Notice, Contact]:
    contact, receivable = await a_billed_contact(ctx, **WAYS[channel])
    await create_template(ctx, key="nudge", channel=channel, locale="en", subject="", body="{{ number }}")
    draft = a_draft(
        contact, receivable, channel=channel, template_key="nudge", recipient=_address(WAYS[channel], channel)
    )
    (notice,) = await queue_notices(ctx, await load_templates(ctx, {"nudge"}), [draft])
    return notice, contact


def _address(fields: dict[str, Any], channel: str) -> str:
    return str(fields.get("phone") or fields["addresses"][channel])


async def _sent(ctx: Context, notice: Notice, channel: str) -> tuple[str, str | None, int]:
    """State and reason of the notice once the sender came to it, and how many messages left."""
    out = FakeChannel()
    await send_due_notices(ctx, {channel: out})
    after = await get_notice(ctx, notice.id)
    return after.state, after.reason, len(out.sent)


@CHANNELS
async def test_what_is_still_true_leaves(ctx: Context, channel: str) -> None:
    notice, contact = await _queued(ctx, channel)
    await update_contact(ctx, contact.id, {"email": "other@lanhai.example", "opted_out_channels": ["email"]})
    assert await _sent(ctx, notice, channel) == ("sent", None, 1)


@CHANNELS
async def test_another_address_of_the_channel_takes_it_back(ctx: Context, channel: str) -> None:
    notice, contact = await _queued(ctx, channel)
    await update_contact(ctx, contact.id, ELSEWHERE[channel])
    assert await _sent(ctx, notice, channel) == ("cancelled", "address_changed", 0)


@CHANNELS
async def test_an_address_that_is_gone_takes_it_back(ctx: Context, channel: str) -> None:
    notice, contact = await _queued(ctx, channel)
    await update_contact(ctx, contact.id, {"phone": None} if "phone" in WAYS[channel] else {"addresses": {}})
    assert await _sent(ctx, notice, channel) == ("cancelled", "no_address", 0)


@CHANNELS
async def test_an_opt_out_of_the_channel_takes_it_back(ctx: Context, channel: str) -> None:
    notice, contact = await _queued(ctx, channel)
    await update_contact(ctx, contact.id, {"opted_out_channels": [channel]})
    assert await _sent(ctx, notice, channel) == ("cancelled", "opted_out", 0)


@CHANNELS
async def test_an_address_that_takes_no_messages_takes_it_back(ctx: Context, channel: str) -> None:
    notice, contact = await _queued(ctx, channel)
    address = _address(WAYS[channel], channel)
    told = Learnt(contact_id=contact.id, channel=channel, reason="30005", address=address, told_at=ctx.now())
    await learn(ctx, [told])
    assert await _sent(ctx, notice, channel) == ("cancelled", "address_invalid", 0)
