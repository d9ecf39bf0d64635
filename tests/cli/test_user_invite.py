"""`dunwell user invite`: the first admin of a tenant."""

from __future__ import annotations

from cli.users import invite
from domain.access.invitations import accept_invitation
from domain.access.model import Tenant
from domain.kernel.settings import Settings
from tests.api.signing_in import PASSWORD


async def test_the_operator_invites_the_first_admin(settings: Settings, tenant: Tenant) -> None:
    link = await invite(settings, tenant.id, name="Li Na", email="li.na@acme.example", role="admin")
    assert link.startswith(f"{settings.public_url}/oauth/invitation/{tenant.id}.")
    user = await accept_invitation(link.rpartition("/")[2], PASSWORD)
    assert (user.role, user.status) == ("admin", "active")
