"""The settings of a command, out of the environment."""

from __future__ import annotations

import click

from domain.kernel.settings import Settings


def settings_or_exit() -> Settings:
    """The settings; what is missing or wrong is told in words and ends the command."""
    try:
        return Settings.from_environment()
    except ValueError as missing:
        raise click.ClickException(str(missing)) from missing
