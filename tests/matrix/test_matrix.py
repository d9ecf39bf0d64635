"""The access matrix: every door, as everybody who must not get in, and last as the one who may.

For each door it asserts the refusal's status and code, that nothing of the victim's changed, that nothing of the victim's is told,
and that another tenant's object looks exactly like one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from litestar import Litestar

from domain.access.model import Tenant
from domain.access.platforms import create_platform
from domain.access.tenants import create_tenant
from domain.access.tokens import Subject, TokenIssuer
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.ids import new_id
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.kernel.usecase import UseCase
from domain.storage.transaction import transaction
from tests.api.conftest import anonymous, app
from tests.conftest import NOW
from tests.factories import tenant_context
from tests.matrix import (
    assigning_cases,
    banking_cases,
    channel_cases,
    control_cases,
    delivery_cases,
    importing_cases,
    ledger_cases,
    other_cases,
    people_cases,
    policy_cases,
    reconciliation_cases,
    text_cases,
)
from tests.matrix.doors import Answer, Door, RestDoor, graph_doors, rest_doors
from tests.matrix.fingerprint import Fingerprints
from tests.matrix.registry import CASES, Call, Victim

__all__ = [
    "anonymous",
    "app",
    "assigning_cases",
    "banking_cases",
    "channel_cases",
    "control_cases",
    "delivery_cases",
    "importing_cases",
    "ledger_cases",
    "other_cases",
    "people_cases",
    "policy_cases",
    "reconciliation_cases",
    "text_cases",
]

DOORS: list[Door] = [*rest_doors(), *graph_doors()]
NAMES = [door.name for door in DOORS]
ID = re.compile(r"\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
GARBAGE = "eyJhbGciOiJub25lIn0.e30."


@dataclass(frozen=True, slots=True)
class Callers:
    """Tokens by what is wrong with them, and those with which nothing is."""

    tokens: Tokens
    tenant: str
    platform: str
    tenant_without: dict[str, str]
    platform_without: dict[str, str]
    sibling: str
    stranger: str
    strange_platform: str
    suspended: str


class Tokens:
    """Makes tokens with the key of the running application."""

    def __init__(self, app: Litestar) -> None:
        self._issuer: TokenIssuer = app.state.authentication.issuer

    def of(self, platform_id: str, tenant_id: str | None, scopes: frozenset[str], user_id: str | None = None) -> str:
        """A token of a client that nobody registered: what it may is what the token says."""
        grant_id = new_id("gnt") if user_id else None
        subject = Subject(
            client_id=new_id("cli"), platform_id=platform_id, tenant_id=tenant_id, user_id=user_id, grant_id=grant_id
        )
        return self._issuer.issue(subject, scopes)


@pytest.fixture(scope="session")
async def platform_of_victim(database: str) -> PlatformContext:
    made, _ = await create_platform("Victim's platform")
    return PlatformContext(platform_id=made.id, actor=Actor("operator", "test"), scopes=PLATFORM_SCOPES)


async def _a_tenant(platform: PlatformContext, name: str) -> Tenant:
    return await create_tenant(
        platform, name=name, mode="sandbox", base_currency="CNY", time_zone="UTC", locale="en", test_clock_at=NOW
    )


@pytest.fixture(scope="session")
async def victim(platform_of_victim: PlatformContext) -> Victim:
    tenant = await _a_tenant(platform_of_victim, "Victim")
    return Victim(ctx=await tenant_context(tenant.id), platform=platform_of_victim)


@pytest.fixture(scope="session")
async def callers(app: Litestar, victim: Victim, platform_of_victim: PlatformContext) -> Callers:
    tokens = Tokens(app)
    sibling = await _a_tenant(platform_of_victim, "Sibling")
    stranger_platform, _ = await create_platform("Another platform")
    stranger = await _a_tenant(
        PlatformContext(platform_id=stranger_platform.id, actor=Actor("operator", "test"), scopes=PLATFORM_SCOPES),
        "Stranger",
    )
    suspended = await _a_tenant(platform_of_victim, "Suspended")
    async with transaction(platform_of_victim) as tx:
        await tx.execute("update tenants set status = 'suspended' where id = $1", suspended.id)
    own, mine = platform_of_victim.platform_id, victim.ctx.tenant_id
    return Callers(
        tokens=tokens,
        tenant=tokens.of(own, mine, TENANT_SCOPES),
        platform=tokens.of(own, None, PLATFORM_SCOPES),
        tenant_without={scope: tokens.of(own, mine, TENANT_SCOPES - {scope}) for scope in TENANT_SCOPES},
        platform_without={scope: tokens.of(own, None, PLATFORM_SCOPES - {scope}) for scope in PLATFORM_SCOPES},
        sibling=tokens.of(own, sibling.id, TENANT_SCOPES),
        stranger=tokens.of(stranger_platform.id, stranger.id, TENANT_SCOPES),
        strange_platform=tokens.of(stranger_platform.id, None, PLATFORM_SCOPES),
        suspended=tokens.of(own, suspended.id, TENANT_SCOPES),
    )


@pytest.fixture(scope="session")
async def prints(database_url: str) -> AsyncIterator[Fingerprints]:
    made = await Fingerprints.of(database_url)
    yield made
    await made.close()


def test_every_door_declares_its_scope_and_has_a_case() -> None:
    bare = [door.name for door in DOORS if door.use is None]
    assert bare == [], "these doors declare no use case, so nobody knows which scope they need"
    missing = {door.use.short_name for door in DOORS if door.use} - CASES.keys()
    assert missing == set(), "add an entry to tests/matrix/*_cases.py for each of these use cases"
    unused = CASES.keys() - {door.use.short_name for door in DOORS if door.use}
    assert unused == set(), "these entries belong to no door any more"


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
async def test_nobody_gets_in_but_the_one_who_may(
    door: Door, anonymous: httpx.AsyncClient, victim: Victim, callers: Callers, prints: Fingerprints
) -> None:
    use = door.use
    assert use is not None
    call = await CASES[use.short_name](victim)
    owners = (victim.ctx.tenant_id, victim.platform.platform_id)
    before = await prints.of_owners(*owners)
    for who, token, status, code in _refused(use, callers):
        answer = await door.enter(anonymous, call, token)
        assert (answer.status, answer.code) == (status if isinstance(door, RestDoor) or status == 401 else 400, code), (
            who
        )
        _tells_nothing(answer, call, who)
    await _foreigners(door, anonymous, call, callers)
    assert await prints.of_owners(*owners) == before
    rightful = callers.platform if use.realm == "platform" else callers.tenant
    if call.as_user is not None:
        rightful = callers.tokens.of(owners[1], owners[0], TENANT_SCOPES, call.as_user)
    allowed = await door.enter(anonymous, call, rightful)
    assert allowed.code is None, allowed.text
    assert allowed.status < 300, allowed.text
    await _is_audited(use, prints, allowed.request_id)


async def _is_audited(use: UseCase, prints: Fingerprints, request_id: str) -> None:
    """A change leaves one entry in each log that it concerns, naming its objects; reading leaves none."""
    entries = await prints.audit_of(request_id)
    if use.scope.endswith(":read"):
        assert entries == []
        return
    assert {action for _, action, _ in entries} == {use.short_name}
    assert len({owner for owner, _, _ in entries}) == len(entries)
    assert all(objects for _, _, objects in entries)


def _refused(use: UseCase, callers: Callers) -> list[tuple[str, str | None, int, str]]:
    of_platform = use.realm == "platform"
    without = callers.platform_without if of_platform else callers.tenant_without
    found: list[tuple[str, str | None, int, str]] = [
        ("without a token", None, 401, "token_missing"),
        ("with garbage", GARBAGE, 401, "invalid_token"),
        ("without the scope", without[use.scope], 403, "insufficient_scope"),
        ("as a suspended tenant", callers.suspended, 401, "tenant_not_active"),
    ]
    if use.realm != "either":
        wrong = callers.tenant if of_platform else callers.platform
        found.append(("with a token of the other realm", wrong, 403, f"{use.realm}_token_required"))
    return found


async def _foreigners(door: Door, http: httpx.AsyncClient, call: Call, callers: Callers) -> None:
    """Somebody else's object looks like one that does not exist; a list or a new thing is their own and tells nothing of ours."""
    assert door.use is not None
    for_platforms = door.use.realm == "platform"
    foreigners = [callers.strange_platform] if for_platforms else [callers.sibling, callers.stranger]
    nowhere, names_objects = _of_nobody(call)
    for token in foreigners:
        answer = await door.enter(http, call, token)
        _tells_nothing(answer, call, "as somebody else")
        if names_objects:
            unknown = await door.enter(http, nowhere, token)
            assert (answer.status, answer.code) == (unknown.status, unknown.code)
            assert answer.status in (400, 404, 422), answer.text


def _of_nobody(call: Call) -> tuple[Call, bool]:
    """The same call with ids and external ids that nobody has, and whether it names any."""
    found = 0

    def changed(value: Any) -> Any:
        nonlocal found
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        if isinstance(value, str) and ID.search(value):
            found += 1
            return ID.sub(lambda match: new_id(match[0][:3]), value)
        return value

    others = replace(
        call, path=changed(call.path), query=changed(call.query), body=changed(call.body), graph=changed(call.graph)
    )
    return others, bool(found) and call.names_objects


def _tells_nothing(answer: Answer, call: Call, who: str) -> None:
    said = {match for match in ID.findall(answer.text) if not match.startswith("req_")}
    asked = set(ID.findall(repr(call)))
    assert "Hushed" not in answer.text, who
    assert "lanhai.example" not in answer.text or "lanhai.example" in repr(call), who
    if answer.code is not None:
        assert said <= asked, who
