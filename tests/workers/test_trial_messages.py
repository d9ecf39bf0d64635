"""A test message goes through the real channel as an operation, and its result is what the provider said."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, TooManyRequests
from domain.kernel.paging import PageRequest
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.channel_model import Outcome
from domain.messaging.notices import list_notices
from domain.messaging.trial_messages import MOST_TESTS, send_test_message
from domain.operations.model import Operation
from domain.operations.operations import get_operation
from domain.storage.transaction import reading
from tests.factories_channels import FakeAccounts, an_sms_account
from workers.tasks.operations import run_operations

MAIL = {"host": "mail.acme.example", "from": "Acme <dunning@acme.example>"}


async def _run(ctx: Context, operation: Operation, accounts: FakeAccounts) -> dict[str, Any]:
    await run_operations({"channels": {}, "accounts": accounts})
    finished = await get_operation(ctx, operation.id)
    assert finished.state == "succeeded"
    return finished.result


async def test_the_providers_answer_arrives_with_the_caller(ctx: Context) -> None:
    account, accounts = await an_sms_account(ctx, state="disabled"), FakeAccounts()
    operation = await send_test_message(ctx, account.id, recipient="13800006789")
    assert await _run(ctx, operation, accounts) == {
        "outcome": "accepted",
        "code": "ok",
        "detail": "",
        "provider_message_id": "SM1",
    }
    ((through, message),) = accounts.sent
    assert (through, message.recipient) == (account.id, "13800006789")
    assert (await list_notices(ctx, PageRequest())).items == []


@pytest.mark.parametrize("kind", ["rejected", "retryable", "unknown"])
async def test_every_outcome_is_told_without_the_address(ctx: Context, kind: Any) -> None:
    account = await an_sms_account(ctx)
    operation = await send_test_message(ctx, account.id, recipient="me@acme.example")
    said = await _run(ctx, operation, FakeAccounts(Outcome(kind, "x_1", "me@acme.example is not known")))
    assert (said["outcome"], said["code"], said["detail"]) == (kind, "x_1", "m***@acme.example is not known")


async def test_the_operation_holds_no_address_in_the_open(ctx: Context) -> None:
    account = await an_sms_account(ctx)
    operation = await send_test_message(ctx, account.id, recipient="13800006789")
    async with reading(ctx) as tx:
        row = await tx.fetchval(
            "select o::text from operations o where tenant_id = $1 and id = $2", ctx.tenant_id, operation.id
        )
    assert "13800006789" not in row
    await _run(ctx, operation, FakeAccounts())


async def test_a_mail_account_writes_to_itself(ctx: Context) -> None:
    account = await create_channel_account(ctx, channel="email", provider="smtp", name="Mail", settings=MAIL)
    accounts = FakeAccounts()
    await _run(ctx, await send_test_message(ctx, account.id), accounts)
    assert accounts.sent[0][1].recipient == "dunning@acme.example"


async def test_an_approved_text_gets_made_up_values(ctx: Context) -> None:
    templates = {"firm_notice": {"code": "SMS_1", "params": ["number", "due_amount"]}}
    account = await an_sms_account(
        ctx,
        provider="aliyun",
        settings={"sign_name": "x", "templates": templates},
        credentials={"access_key_id": "x", "access_key_secret": "y"},
    )
    accounts = FakeAccounts()
    await _run(ctx, await send_test_message(ctx, account.id, recipient="13800006789"), accounts)
    message = accounts.sent[0][1]
    assert (message.template_key, message.variables["number"]) == ("firm_notice", "TEST-1")
    with pytest.raises(InvalidInput) as unknown:
        await send_test_message(ctx, account.id, recipient="13800006789", template_key="other")
    assert unknown.value.errors[0].code == "template_not_mapped"


async def test_what_a_dead_worker_began_is_unknown_and_not_sent_again(ctx: Context) -> None:
    account, accounts = await an_sms_account(ctx), FakeAccounts()
    operation = await send_test_message(ctx, account.id, recipient="13800006789")
    async with reading(ctx) as tx:
        await tx.execute(
            "update operations set position = 1 where tenant_id = $1 and id = $2", ctx.tenant_id, operation.id
        )
    assert (await _run(ctx, operation, accounts))["code"] == "sender_died"
    assert accounts.sent == []


async def test_an_account_that_does_not_open_is_told(ctx: Context) -> None:
    operation = await send_test_message(ctx, (await an_sms_account(ctx)).id, recipient="13800006789")
    said = await _run(ctx, operation, FakeAccounts(fails=LookupError("the provider is not installed here")))
    assert (said["outcome"], said["code"]) == ("retryable", "channel_unavailable")


async def test_what_cannot_be_tried(ctx: Context) -> None:
    sms = await an_sms_account(ctx)
    with pytest.raises(InvalidInput) as nowhere:
        await send_test_message(ctx, sms.id)
    assert nowhere.value.errors[0].pointer == "/recipient"
    ours = await create_channel_account(ctx, channel="whatsapp", provider="integrator", name="The CRM")
    with pytest.raises(Conflict):
        await send_test_message(ctx, ours.id, recipient="13800006789")


async def test_nobody_floods_a_number_with_tests(ctx: Context) -> None:
    account = await an_sms_account(ctx)
    for _ in range(MOST_TESTS):
        await send_test_message(ctx, account.id, recipient="13800006789")
    with pytest.raises(TooManyRequests) as refused:
        await send_test_message(ctx, account.id, recipient="13800006789")
    assert refused.value.code == "too_many_test_messages"
    await run_operations({"channels": {}, "accounts": FakeAccounts()})
