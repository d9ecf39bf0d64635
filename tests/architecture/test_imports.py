"""Imports go down the rooms and never up; the contracts are in pyproject.toml."""

from __future__ import annotations

import ast
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_only_the_clock_reads_the_time() -> None:
    reading = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "time.time_ns", "time.monotonic"}
    for path in (ROOT / "domain").rglob("*.py"):
        if path.name == "clock.py" and path.parent.name == "kernel":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert f"{node.value.id}.{node.attr}" not in reading, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_file_holds_more_than_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for room in ("api", "bench", "cli", "domain", "tests", "workers")
        for path in (ROOT / room).rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
