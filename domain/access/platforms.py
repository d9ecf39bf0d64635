"""What the operator does at the command line: make a platform with its first client."""

from __future__ import annotations

from domain.access.clients import add_client
from domain.access.model import NewClient, Platform
from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.ids import new_id
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.storage.transaction import transaction


async def create_platform(name: str) -> tuple[Platform, NewClient]:
    """Registers an integrator; its client manages tenants and acts for each of them by exchange. The secret is told only here."""
    platform = Platform(id=new_id("plt"), name=name, created_at=SystemClock().now())
    ctx = PlatformContext(platform_id=platform.id, actor=Actor("operator", "cli"))
    async with transaction(ctx) as tx:
        await tx.execute(
            "insert into platforms (id, name, created_at) values ($1, $2, $3)",
            platform.id,
            platform.name,
            platform.created_at,
        )
        client = await add_client(
            ctx,
            tenant_id=None,
            name=name,
            scopes=sorted(PLATFORM_SCOPES | TENANT_SCOPES),
            grant_types=("client_credentials", "token_exchange"),
        )
    return platform, client
