"""The `dunwell` command finds its commands, and imports nothing else on the way."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cli.main import COMMANDS, LOCAL_COMMANDS, main


@pytest.mark.parametrize("name", sorted({**COMMANDS, **LOCAL_COMMANDS}))
def test_each_command_is_found_by_its_name_and_says_what_it_does(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    said = CliRunner().invoke(main, [name, "--help"])
    assert (said.exit_code, command.help is not None) == (0, True)
    assert str(command.help).split(".")[0].split()[0] in said.output


def test_help_names_all_of_them() -> None:
    said = CliRunner().invoke(main, ["--help"])
    assert said.exit_code == 0
    for name in (*COMMANDS, *LOCAL_COMMANDS):
        assert f"  {name} " in said.output


def test_an_unknown_command_is_refused() -> None:
    said = CliRunner().invoke(main, ["remind-everybody"])
    assert (said.exit_code, "No such command" in said.output) == (2, True)


def test_a_command_does_not_wait_for_what_others_need() -> None:
    """Building the GraphQL schema alone takes longer than most commands."""
    asked = "import sys, cli.main; print([name for name in ('api', 'workers', 'domain', 'strawberry') if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
