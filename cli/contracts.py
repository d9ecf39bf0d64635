"""`dunwell export-contracts`."""

from __future__ import annotations

import click

from api.contracts import stale_contracts, write_contracts


@click.command("export-contracts")
@click.option("--check", is_flag=True, help="Write nothing; fail if the committed files differ.")
def export_contracts(check: bool) -> None:
    """Write openapi/: the OpenAPI document, the GraphQL schema and the catalogue of webhook events."""
    stale = stale_contracts() if check else write_contracts()
    for name in stale:
        click.echo(f"openapi/{name} {'differs from the code; run make contracts' if check else 'written'}")
    if check and stale:
        raise SystemExit(1)
