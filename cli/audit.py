"""`dunwell audit verify`: the operator proves that nobody rewrote an audit log."""

from __future__ import annotations

import asyncio

import click
import msgspec

from cli.settings import settings_or_exit
from domain.access.audit import audited_owners, verify_audit_log
from domain.access.audit_model import AuditVerification
from domain.kernel.context import Actor, AnyContext, Context, PlatformContext
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import is_id
from domain.kernel.scopes import Scope
from domain.storage.engine import DB

_OPERATOR = Actor("operator", "cli")
_SCOPES = frozenset({Scope.AUDIT_READ})


@click.group()
def audit() -> None:
    """Look after the audit logs."""


@audit.command("verify")
@click.option("--owner", help="A tenant's or platform's id.")
@click.option("--all", "everybody", is_flag=True, help="Every owner's log, one line each.")
@click.option("--expected-sequence", type=int, help="last_sequence of an earlier check, kept outside.")
@click.option("--expected-hash", help="last_hash of that check.")
def verify_command(
    owner: str | None, everybody: bool, expected_sequence: int | None, expected_hash: str | None
) -> None:
    """Recompute the chain; exit code 1, and the place, if it is broken."""
    if (owner is None) == (not everybody):
        raise click.UsageError("Give either --owner or --all.")
    if everybody and (expected_sequence is not None or expected_hash is not None):
        raise click.UsageError("An expected head belongs to one --owner.")
    if owner is not None and not (is_id(owner, "tnt") or is_id(owner, "plt")):
        raise click.UsageError("An owner is a tnt_ or plt_ id.")
    settings = settings_or_exit()
    try:
        found = asyncio.run(_verify(settings.database_url, owner, expected_sequence, expected_hash))
    except (InvalidInput, ValueError) as refused:
        raise click.ClickException(str(refused)) from refused
    for owner_id, verified in found.items():
        click.echo(msgspec.json.encode({"owner_id": owner_id, **msgspec.to_builtins(verified)}).decode())
    if not all(verified.valid for verified in found.values()):
        raise SystemExit(1)


async def _verify(
    url: str, owner: str | None, sequence: int | None, known_hash: str | None
) -> dict[str, AuditVerification]:
    opened = await DB.open(url, max_connections=1)
    try:
        owners = [owner] if owner is not None else await audited_owners()
        return {
            one: await verify_audit_log(_context(one), expected_sequence=sequence, expected_hash=known_hash)
            for one in owners
        }
    finally:
        if opened:
            await DB.close()


def _context(owner_id: str) -> AnyContext:
    # Not by way of the tenant's profile: the log of a suspended tenant is checked as well.
    if owner_id.startswith("tnt_"):
        return Context(tenant_id=owner_id, actor=_OPERATOR, scopes=_SCOPES)
    return PlatformContext(platform_id=owner_id, actor=_OPERATOR, scopes=_SCOPES)
