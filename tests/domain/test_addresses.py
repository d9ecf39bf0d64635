"""Contact addresses at rest and in front of readers who may not see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
import structlog

from domain.collections.tasks import list_tasks
from domain.customers.contacts import create_contact, find_contacts, get_contact, list_contacts, update_contact
from domain.dunning.reactions import react
from domain.events.delivering import deliver_due
from domain.events.fan_out import fan_out
from domain.events.log import get_event, list_events
from domain.events.webhook_deliveries import list_webhook_attempts
from domain.events.webhook_endpoints import create_webhook_endpoint, update_webhook_endpoint
from domain.events.webhook_model import WebhookResponse
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, InvalidInput
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import Scope
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.notices import get_notice, list_deliveries, list_notices
from domain.messaging.sending import send_due_notices
from tests.factories import a_contact, a_customer
from tests.factories_dunning import a_case, a_plan, drain, run_at
from tests.factories_ledger import HEADER, errors_of, imported
from tests.factories_webhooks import Receiver, deliveries

EMAIL, SHOWN = "wang.fang@lanhai.example", "w***@lanhai.example"
PHONE, SHOWN_PHONE = "+8613800006789", "***6789"


@pytest.fixture
def limited(ctx: Context) -> Context:
    """The same client without pii:read."""
    return replace(ctx, scopes=ctx.scopes - {Scope.PII_READ})


async def test_readers_without_the_scope_see_masks_in_reads_and_in_answers_of_writes(
    ctx: Context, limited: Context
) -> None:
    customer = await a_customer(ctx)
    made = await create_contact(limited, customer.id, name="Wang", email=EMAIL, phone=PHONE)
    assert (made.email, made.phone) == (SHOWN, SHOWN_PHONE)
    changed = await update_contact(limited, made.id, {"name": "Wang Fang"})
    assert (changed.email, changed.phone, changed.name) == (SHOWN, SHOWN_PHONE, "Wang Fang")
    (listed,) = (await list_contacts(limited, customer.id, PageRequest())).items
    assert (listed.email, listed.phone) == (SHOWN, SHOWN_PHONE)
    real = await get_contact(ctx, made.id)
    assert (real.email, real.phone) == (EMAIL, PHONE)


async def test_a_mask_is_never_stored_whoever_sends_it(ctx: Context, limited: Context) -> None:
    contact = await a_contact(ctx, await a_customer(ctx), phone=PHONE)
    for who in (ctx, limited):
        with pytest.raises(InvalidInput) as refused:
            await update_contact(who, contact.id, {"email": SHOWN, "phone": SHOWN_PHONE, "name": "New"})
        assert [(e.pointer, e.code) for e in refused.value.errors] == [
            ("/email", "masked_address"),
            ("/phone", "masked_address"),
        ]
    assert await get_contact(ctx, contact.id) == contact


async def test_a_mailbox_is_found_by_its_hash_and_only_with_the_scope(ctx: Context, limited: Context) -> None:
    customer = await a_customer(ctx)
    first, second = [await a_contact(ctx, customer, email=email) for email in (EMAIL, "Wang.Fang@Lanhai.Example")]
    await a_contact(ctx, customer, email="other@lanhai.example")
    assert (await find_contacts(ctx, EMAIL.upper(), PageRequest())).items == [first, second]
    page = await find_contacts(ctx, EMAIL, PageRequest(limit=1))
    assert (await find_contacts(ctx, EMAIL, PageRequest(after=page.next_key))).items == [second]
    await update_contact(ctx, first.id, {"email": None})
    assert (await find_contacts(ctx, EMAIL, PageRequest())).items == [second]
    with pytest.raises(Forbidden) as refused:
        await find_contacts(limited, EMAIL, PageRequest())
    assert (refused.value.code, refused.value.scope) == ("insufficient_scope", "pii:read")


async def test_events_show_addresses_only_to_those_who_may_see_them(ctx: Context, limited: Context) -> None:
    contact = await a_contact(ctx, await a_customer(ctx), phone=PHONE)
    (real,) = (await list_events(ctx, PageRequest(), object_id=contact.id)).items
    (shown,) = (await list_events(limited, PageRequest(), object_id=contact.id)).items
    assert (real.data["contact"]["email"], real.data["contact"]["phone"]) == (EMAIL, PHONE)
    assert (shown.data["contact"]["email"], shown.data["contact"]["phone"]) == (SHOWN, SHOWN_PHONE)
    assert await get_event(ctx, real.id) == real
    assert await get_event(limited, real.id) == shown


async def test_a_webhook_carries_masks_unless_somebody_who_may_see_addresses_wanted_them(
    ctx: Context, limited: Context
) -> None:
    receiver, types = Receiver(b=[WebhookResponse(500, excerpt=f"got {EMAIL} {PHONE}")]), ["contact.*"]
    await create_webhook_endpoint(limited, url="https://hooks.example/a", event_types=types)
    open_one = await create_webhook_endpoint(ctx, url="https://hooks.example/b", event_types=types, include_pii=True)
    await a_contact(ctx, await a_customer(ctx), phone=PHONE)
    await fan_out(ctx)
    await deliver_due(ctx, receiver)
    assert SHOWN.encode() in receiver.got["a"][0].body
    assert EMAIL.encode() not in receiver.got["a"][0].body
    assert EMAIL.encode() in receiver.got["b"][0].body
    (failed,) = await deliveries(ctx, open_one.id)
    (attempt,) = (await list_webhook_attempts(ctx, failed.id, PageRequest())).items
    assert attempt.response_excerpt == f"got {SHOWN} ***"


async def test_nobody_without_the_scope_can_have_addresses_sent_anywhere(ctx: Context, limited: Context) -> None:
    masked = await create_webhook_endpoint(ctx, url="https://hooks.example/a")
    opened = await create_webhook_endpoint(ctx, url="https://hooks.example/b", include_pii=True)
    with pytest.raises(Forbidden, match="insufficient_scope"):
        await create_webhook_endpoint(limited, url="https://hooks.example/c", include_pii=True)
    with pytest.raises(Forbidden, match="insufficient_scope"):
        await update_webhook_endpoint(limited, masked.id, {"include_pii": True})
    with pytest.raises(Forbidden, match="insufficient_scope"):
        await update_webhook_endpoint(limited, opened.id, {"url": "https://hooks.example/mine"})
    closed = await update_webhook_endpoint(limited, opened.id, {"include_pii": False})
    assert not closed.include_pii


class _Refusing:
    """A mail server that repeats whom it could not reach."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        self.recipients: list[str] = []

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self.recipients += [message.recipient for message in messages]
        return [Outcome(self.kind, "smtp_550", f"<{message.recipient}> unknown") for message in messages]


@pytest.mark.parametrize("kind", ["accepted", "rejected", "unknown"])
async def test_no_table_and_no_log_holds_an_address_in_the_clear_after_the_life_of_a_debt(
    ctx: Context, limited: Context, database_url: str, kind: str
) -> None:
    mailbox, clear = f"life.{kind}.{ctx.tenant_id[-6:]}@lanhai.example", _Refusing(kind)
    with structlog.testing.capture_logs() as logs:
        await a_plan(ctx)
        case = await a_case(ctx)
        (contact,) = (await list_contacts(ctx, case.customer_id, PageRequest())).items
        await update_contact(ctx, contact.id, {"email": mailbox, "phone": PHONE})
        assert case.next_action_at is not None
        ctx = await run_at(ctx, case.next_action_at)
        while await send_due_notices(ctx, {"email": clear}):
            pass
        await drain(react, ctx)
        line = f"i-1,c-1,N,1.00,CNY,2026-01-01,2026-01-31,,{mailbox}\n"
        operation = await imported(
            ctx, HEADER + line + line.replace("\n", ",more\n").replace("i-1", "i-2") + "x" + line
        )
    assert clear.recipients == [mailbox]
    assert mailbox not in repr(logs)

    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert notice.recipient == mailbox
    assert (await get_notice(limited, notice.id)).recipient == "l***@lanhai.example"
    (delivery,) = (await list_deliveries(ctx, notice.id, PageRequest())).items
    assert delivery.detail == "<l***@lanhai.example> unknown"
    assert [e.code for e in await errors_of(ctx, operation)] == ["wrong_number_of_fields"]
    assert len((await list_tasks(ctx, PageRequest())).items) == (kind == "unknown")
    assert await _columns_holding(database_url, mailbox.partition("@")[0], PHONE) == []


async def _columns_holding(database_url: str, *needles: str) -> list[str]:
    """Every column of every table in which one of the texts stands, bytes read as Latin-1."""
    connection = await asyncpg.connect(database_url)
    try:
        columns = await connection.fetch(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
        )
        found = []
        for table, column, kind in columns:
            text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            if await connection.fetchval(
                f"select exists (select 1 from {table} where {' or '.join(f'{text} like ${n}' for n, _ in enumerate(needles, 1))})",
                *(f"%{needle}%" for needle in needles),
            ):
                found.append(f"{table}.{column}")
        return found
    finally:
        await connection.close()
