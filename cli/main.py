"""The `dunwell` command.

Each of its commands is imported when it is asked for: the whole program takes seconds, and most commands need little of it.
"""

from __future__ import annotations

import importlib
import importlib.util

import click

COMMANDS = {
    "audit": "cli.audit:audit",
    "export-contracts": "cli.contracts:export_contracts",
    "keys": "cli.keys:keys",
    "migrate": "cli.database:migrate_command",
    "platform": "cli.registering:platform",
    "serve": "cli.serving:serve",
    "signing-keys": "cli.registering:signing_keys",
    "user": "cli.registering:user",
    "worker": "cli.working:worker",
    "worker-health": "cli.working:worker_health",
}
# They need the extra `local` (servers out of wheels), which a production installation leaves out.
LOCAL_COMMANDS = {"demo": "cli.demo.command:demo", "dev": "cli.development.command:dev"}


class Commands(click.Group):
    """A group whose commands are found by name in modules that nothing else imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names in their order; those that cannot be had here are left out."""
        return sorted(_at_hand())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is none."""
        place = _at_hand().get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


def _at_hand() -> dict[str, str]:
    return {**COMMANDS, **(LOCAL_COMMANDS if importlib.util.find_spec("aiosmtpd") is not None else {})}


@click.command(cls=Commands)
@click.version_option(package_name="dunwell")
def main() -> None:
    """Dunwell: the headless receivables and dunning engine."""


if __name__ == "__main__":
    main()
