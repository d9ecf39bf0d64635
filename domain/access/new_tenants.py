"""What a new tenant begins with, from rooms that this one may not know: registered by whoever makes tenants, written with the tenant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from domain.access.model import Tenant
from domain.storage.engine import BoundTransaction

Prepare = Callable[[BoundTransaction, Tenant], Awaitable[None]]

_prepare: dict[Prepare, None] = {}


def when_a_tenant_is_made(prepare: Prepare) -> None:
    """Registers what is done in the transaction that makes a tenant, with rows of that tenant in reach; twice is once.

    If it fails there is no tenant.
    """
    _prepare[prepare] = None


async def prepare_tenant(tx: BoundTransaction, tenant: Tenant) -> None:
    """Does all that is registered, in the order of registration."""
    for prepare in _prepare:
        await prepare(tx, tenant)
