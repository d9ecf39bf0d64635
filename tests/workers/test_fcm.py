"""Push messages against a Firebase that checks the account's assertion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from domain.messaging.channel_model import Outcome
from domain.messaging.staff_fields import FcmCredentials, FcmSettings
from tests.fakes import fcm as fake
from tests.fakes.messages import a_message, impatient_http
from tests.fakes.serving import Trouble, served
from workers.channels.fcm import Fcm
from workers.channels.memory import AccountMemory
from workers.http import GuardedHttp


@dataclass(slots=True)
class World:
    """A Firebase and the client for it."""

    firebase: fake.FakeFcm
    url: str
    http: GuardedHttp
    memory: AccountMemory

    def channel(self, *, project: str = fake.PROJECT, email: str = fake.ACCOUNT, key: str | None = None) -> Fcm:
        """The adapter."""
        return Fcm(
            FcmSettings(project_id=project, base_url=self.url, token_uri=f"{self.url}/token"),
            FcmCredentials(client_email=email, private_key=key or fake.private_key_pem(), private_key_id="k1"),
            ask=self.http.exchange,
            memory=self.memory,
        )

    async def push(self, recipient: str = "device-1", **text: str) -> Outcome:
        """The outcome of one message."""
        (outcome,) = await self.channel().send([a_message(recipient, **text)])
        return outcome


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A running Firebase."""
    firebase = fake.FakeFcm()
    async with served(firebase.app()) as url, impatient_http() as http:
        yield World(firebase, url, http, AccountMemory())


async def test_a_message_is_pushed_with_one_token_for_all(world: World) -> None:
    outcomes = await world.channel().send([a_message("device-1"), a_message("device-2")])
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [("accepted", "fcm_ok")] * 2
    assert {outcome.provider_message_id for outcome in outcomes} == {
        "projects/dunwell-app/messages/0:1",
        "projects/dunwell-app/messages/0:2",
    }
    assert world.firebase.tokens == ["ya29.1"]
    assert world.firebase.pushed[0]["notification"] == {"title": "Red flag", "body": "INV-1 is late."}
    assert world.firebase.pushed[0]["data"] == {"notice_id": "ntc_1"}


@pytest.mark.parametrize(
    ("status", "code", "google", "kind", "stable", "wait"),
    [
        (404, "UNREGISTERED", "NOT_FOUND", "rejected", "address_gone", None),
        (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "rejected", "fcm_invalid_argument", None),
        (403, "SENDER_ID_MISMATCH", "PERMISSION_DENIED", "rejected", "fcm_sender_id_mismatch", None),
        (403, "", "PERMISSION_DENIED", "retryable", "fcm_permission_denied", None),
        (401, "THIRD_PARTY_AUTH_ERROR", "UNAUTHENTICATED", "retryable", "fcm_third_party_auth_error", None),
        (429, "QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED", "retryable", "fcm_quota_exceeded", 60),
        (503, "UNAVAILABLE", "UNAVAILABLE", "retryable", "fcm_unavailable", 60),
        (500, "INTERNAL", "INTERNAL", "unknown", "fcm_internal", None),
    ],
)
async def test_what_an_error_means(
    world: World, status: int, code: str, google: str, kind: str, stable: str, wait: int | None
) -> None:
    world.firebase.errors["device-1"] = (status, code, google)
    outcome = await world.push()
    assert (outcome.kind, outcome.code, outcome.retry_after) == (kind, stable, wait)


@pytest.mark.parametrize("status", [429, 503])
async def test_firebase_says_when_to_come_back(world: World, status: int) -> None:
    world.firebase.errors["device-1"] = (status, "UNAVAILABLE", "UNAVAILABLE")
    world.firebase.headers["retry-after"] = "17"
    assert (await world.push()).retry_after == 17


async def test_a_wrong_project_does_not_lose_addresses(world: World) -> None:
    (outcome,) = await world.channel(project="other").send([a_message("device-1")])
    assert (outcome.kind, outcome.code) == ("rejected", "fcm_not_found")


async def test_a_refused_token_is_renewed_once(world: World) -> None:
    await world.push()
    world.firebase.revoked.add("ya29.1")
    assert (await world.push("device-2")).kind == "accepted"
    world.firebase.revoked.update({"ya29.2", "ya29.3"})
    refused = await world.push("device-3")
    assert (refused.kind, refused.code) == ("retryable", "fcm_unauthenticated")
    assert world.firebase.tokens == ["ya29.1", "ya29.2", "ya29.3"]


async def test_an_account_that_google_does_not_know(world: World) -> None:
    (outcome,) = await world.channel(email="x@y.example").send([a_message("device-1")])
    assert (outcome.kind, outcome.code, outcome.detail) == ("retryable", "http_400", "invalid_grant")
    (outcome,) = await world.channel(key="no key").send([a_message("device-1")])
    assert (outcome.kind, outcome.code) == ("retryable", "invalid_credentials")
    assert world.firebase.pushed == []


@pytest.mark.parametrize("trouble", ["silent", "garbage", "list", "hangs_up", 500])
async def test_without_a_token_nothing_has_left(world: World, trouble: Trouble) -> None:
    world.firebase.token_script.coming.append(trouble)
    assert (await world.push()).kind == "retryable"
    assert world.firebase.pushed == []


@pytest.mark.parametrize("trouble", ["lost", "garbage", "list", "hangs_up", {"ok": 1}, 500])
async def test_what_may_have_been_pushed_is_not_pushed_again(world: World, trouble: Trouble) -> None:
    world.firebase.script.coming.append(trouble)
    assert (await world.push()).kind == "unknown"


@pytest.mark.parametrize("text", ["款" * 30_000, '"\n' * 30_000])
async def test_a_long_text_is_cut_to_what_firebase_takes(world: World, text: str) -> None:
    assert (await world.push("d" * 200, subject=text[:250], body=text)).kind == "accepted"
