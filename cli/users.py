"""The operator's way to a tenant's first admin, who then invites everybody else."""

from __future__ import annotations

from domain.access.profile import context_for
from domain.access.public_url import install_public_url
from domain.access.roles import Role
from domain.access.users import invite_user
from domain.kernel.context import Actor
from domain.kernel.settings import Settings
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer


async def invite(settings: Settings, tenant_id: str, *, name: str, email: str, role: Role) -> str:
    """The link by which a new user of the tenant sets a password."""
    install_sealer(Sealer.from_text(settings.secret_key))
    install_public_url(settings.public_url)
    opened_here = await DB.open(settings.database_url, max_connections=2)
    try:
        ctx = await context_for(tenant_id, Actor("operator", "cli"), frozenset({"users:write"}))
        return (await invite_user(ctx, name=name, email=email, role=role)).invitation_url
    finally:
        if opened_here:
            await DB.close()
