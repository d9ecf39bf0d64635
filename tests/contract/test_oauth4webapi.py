"""The npm package oauth4webapi, which knows nothing of us, goes through every flow against the served API.

Against `dunwell dev`, with real pages, it does so in tests/cli/test_dev.py.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from litestar import Litestar

from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.kernel.context import Context, PlatformContext
from tests.api.oauth_flows import CALLBACK, a_code, a_user, an_app
from tests.contract.oauth_judge import EVERY_FLOW, has_oauth4webapi, judged_by_oauth4webapi


@pytest.mark.skipif(not has_oauth4webapi(), reason="oauth4webapi cannot judge: node or the package is not installed")
async def test_oauth4webapi_goes_through_every_flow(
    app: Litestar, base_url: str, platform: tuple[PlatformContext, NewClient], tenant: Tenant, ctx: Context
) -> None:
    machine = await create_client(platform[0], tenant.id, name="machine", scopes=["customers:read"])
    mobile = await an_app(ctx)

    async def consents(authorize: str) -> str:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize).query).items()}
        scopes, challenge = frozenset(asked["scope"].split()), asked["code_challenge"]
        code = await a_code(ctx, mobile, await a_user(ctx), scopes=scopes, code_challenge=challenge)
        return f"{CALLBACK}?{urlencode({'code': code, 'state': asked['state'], 'iss': app.state.public_url})}"

    passed = await judged_by_oauth4webapi(
        consents,
        issuer=app.state.public_url,
        base=base_url,
        machine=(machine.client_id, machine.client_secret),
        app_id=mobile.client.client_id,
        callback=CALLBACK,
    )
    assert passed == EVERY_FLOW
