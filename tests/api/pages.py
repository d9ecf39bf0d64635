"""Executes the examples of a page of documentation, in their order: each call, and the answer that is shown below it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"```(http|json)\n(.*?)```", re.DOTALL)
_NAME = re.compile(r"\{([a-z_]+)\}")
_CALL = re.compile(r"^(?=(?:GET|POST|PUT|PATCH|DELETE) /)", re.MULTILINE)
_ARROW = "\n→ "

Afterwards = Callable[[httpx.Response], Awaitable[None]]


async def play(api: httpx.AsyncClient, name: str, *, least_calls: int, afterwards: Afterwards | None = None) -> None:
    """Calls what docs/`name` calls; `afterwards` happens after each call before the next.

    What is shown, in a block of its own or behind an arrow, is of the call right before it.
    """
    known: dict[str, str] = {}
    calls, answer = 0, None
    for language, text in _BLOCK.findall((DOCS / name).read_text("utf-8")):
        if language == "json":
            assert answer is not None, f"no call before {text}"
            _compare(json.loads(text), answer, known, text)
            answer = None
            continue
        before, *told = _CALL.split(text)
        assert not before, f"no call: {before}"
        for one in told:
            calls += 1
            call, _, shown = one.partition(_ARROW)
            answer = await _call(api, _NAME.sub(lambda found: known.get(found[1], found[0]), call), afterwards)
            if shown:
                _compare(json.loads(shown), answer, known, one)
    assert calls >= least_calls


async def _call(api: httpx.AsyncClient, text: str, afterwards: Afterwards | None) -> Any:
    method, path, *body = text.split(maxsplit=2)
    answer = await api.request(method, path, json=json.loads(body[0]) if body else None)
    assert answer.is_success, f"{text}\n{answer.status_code} {answer.text}"
    if afterwards is not None:
        await afterwards(answer)
    return answer.json() if "json" in answer.headers.get("content-type", "") else None


def _compare(shown: Any, answered: Any, known: dict[str, str], where: str) -> None:
    """What is shown is in the answer; a name in braces takes its value where it is met first."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert key in answered, f"{key} is not in {answered}"
            _compare(value, answered[key], known, where)
    elif isinstance(shown, list):
        assert len(shown) == len(answered), f"{where}\n{answered}"
        for one, other in zip(shown, answered, strict=True):
            _compare(one, other, known, where)
    elif isinstance(shown, str) and (name := _NAME.fullmatch(shown)):
        assert known.setdefault(name[1], answered) == answered, where
    else:
        assert shown == answered, f"{where}\n{answered}"
