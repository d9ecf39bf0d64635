"""Every reason for which nothing is sent has words: whoever adds one finds out here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from domain.dunning.rules.assigning import LosingReason
from domain.dunning.rules.bases import UNKNOWN_BASE
from domain.dunning.rules.facts import CloseReason
from domain.dunning.rules.reasons import REASONS, is_known, told_in
from domain.messaging.rules.contact_policy import cap_id

ROOT = Path(__file__).parents[2] / "domain"
# Where a reason is a constant of its own or is returned: nothing else there is a word in snake_case.
PLACES = ["dunning", "messaging/rules/contact_policy.py", "messaging/rules/contact_hours.py"]
AT_SENDING = "messaging/rules/sending.py"
REFUSALS = ["ledger/rules/charging.py", "ledger/charge_posting.py"]
NO_REASONS = {"default_plan_changed", "one_default_plan"}
"""Constants of these modules that look like reasons and are none."""
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def _modules(place: str) -> Iterator[tuple[str, ast.Module]]:
    path = ROOT / place
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def _constants(tree: ast.Module) -> Iterator[str]:
    """`NAME = "code"` at the level of a module."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and not name.startswith("_"):
                yield from _codes(node.value, top=True)


def _returned(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _codes(node.value)
        if isinstance(node, ast.keyword) and node.arg in ("reason", "reasons", "deferred_reasons"):
            yield from _codes(node.value)


def _codes(value: ast.expr, *, top: bool = False) -> Iterator[str]:
    """Texts that look like codes: `value` itself, or, of what is returned, whatever in it has an underscore."""
    for one in [value] if top else ast.walk(value):
        told = one.value if isinstance(one, ast.Constant) else None
        if isinstance(told, str) and CODE.fullmatch(told) and (top or "_" in told):
            yield told


def _raised(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Conflict":
            assert isinstance(node.args[0], ast.Constant)
            yield str(node.args[0].value)


def _found() -> list[tuple[str, str]]:
    found = [(name, code) for place in PLACES for name, tree in _modules(place) for code in _constants(tree)]
    found += [(name, code) for name, tree in _modules(AT_SENDING) for code in (*_constants(tree), *_returned(tree))]
    found += [(name, code) for place in REFUSALS for name, tree in _modules(place) for code in _raised(tree)]
    found += [("bases", code) for code in UNKNOWN_BASE.values()]
    found += [("assigning", code) for code in get_args(LosingReason)]
    found += [("facts", code) for code in get_args(CloseReason)]
    return [(name, code) for name, code in found if code not in NO_REASONS]


@pytest.mark.parametrize(("where", "code"), _found())
def test_a_reason_has_words(where: str, code: str) -> None:
    assert is_known(code), f"{code} of {where} has no line in domain/dunning/rules/reasons.py"


def test_the_search_finds_what_it_looks_for() -> None:
    """A search that finds nothing would let everything pass."""
    codes = {code for _, code in _found()}
    assert {"disputed", "quiet_hours", "superseded", "receivable_paid", "on_hold", "nothing_to_charge"} <= codes
    assert not is_known("some_new_reason")


@pytest.mark.parametrize("code", REASONS)
def test_words_are_sentences_in_both_languages(code: str) -> None:
    english, chinese = told_in(code, "en"), told_in(code, "zh-CN")
    assert CODE.fullmatch(code)
    assert english[0].isupper()
    assert english.endswith(".")
    assert chinese.endswith("。")
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert told_in(code, "zh-TW") == chinese
    assert told_in(code, "de-DE") == english


def test_caps_and_what_nobody_knows_are_told_too() -> None:
    cap = cap_id("customer", 2, 7, counts_manual=False)
    assert told_in(cap, "en") == "A cap of the contact policy is reached."
    assert told_in("smtp_550", "zh-CN") == "原因代码：smtp_550。"
