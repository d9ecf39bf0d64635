"""The published catalogue of event types agrees with what the code emits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain
from domain.events.catalogue import EVENT_TYPES, webhook_catalogue

_ROOT = Path(domain.__path__[0])


def _new_events() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(_ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NewEvent":
                yield f"{path.relative_to(_ROOT.parent)}:{node.lineno}", node


def _types_of(call: ast.Call) -> list[str] | None:
    """The types in the catalogue that a call can emit; None if only running it would tell."""
    match call.args[0]:
        case ast.Constant(value=str(kind)):
            return [kind] if kind in EVENT_TYPES else []
        case ast.JoinedStr(values=parts):
            pattern = "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z_]+" for p in parts)
            return [kind for kind in EVENT_TYPES if re.fullmatch(pattern, kind)]
    return None


CALLS = dict(_new_events())


@pytest.mark.parametrize("place", CALLS)
def test_every_event_that_the_code_emits_is_in_the_catalogue_under_its_object(place: str) -> None:
    call = CALLS[place]
    kinds = _types_of(call)
    assert kinds is None or kinds, f"{place}: not in domain/events/catalogue.py"
    if isinstance(call.args[2], ast.Dict):
        keys = {key.value for key in call.args[2].keys if isinstance(key, ast.Constant)}
        for kind in kinds or []:
            assert EVENT_TYPES[kind].object in keys, f"{place}: {kind} carries {keys}"


def test_every_type_of_the_catalogue_is_written_somewhere_in_the_code() -> None:
    rooms = [path for path in _ROOT.rglob("*.py") if path.name != "catalogue.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    for kind in EVENT_TYPES:
        thing = kind.partition(".")[0]
        assert f'"{kind}"' in code or f'f"{thing}.' + "{" in code, f"nothing emits {kind}"


def test_types_are_in_order_and_described_by_one_sentence() -> None:
    assert list(EVENT_TYPES) == sorted(EVENT_TYPES)
    for line in EVENT_TYPES.values():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", line.type)
        assert line.description.endswith(".")
    published = webhook_catalogue()["event_types"]
    assert isinstance(published, list)
    assert [line["type"] for line in published] == list(EVENT_TYPES)
