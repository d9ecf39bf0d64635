"""docs/money.md says what it says because this executes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx

PAGE = Path(__file__).parents[2] / "docs" / "money.md"
_BLOCK = re.compile(r"```(http|json)\n(.*?)```", re.DOTALL)
_NAME = re.compile(r"\{([a-z_]+)\}")


async def test_every_example_of_the_money_page_answers_what_it_shows(api: httpx.AsyncClient) -> None:
    known: dict[str, str] = {}
    answer: Any = None
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert [language for language, _ in blocks].count("http") >= 15
    for language, text in blocks:
        if language == "http":
            answer = await _call(api, _NAME.sub(lambda name: known.get(name[1], name[0]), text))
        else:
            assert answer is not None, f"no call before {text}"
            _compare(json.loads(text), answer, known, text)
            answer = None


async def _call(api: httpx.AsyncClient, text: str) -> Any:
    line, _, body = text.partition("\n")
    method, path = line.split()
    answer = await api.request(method, path, json=json.loads(body) if body.strip() else None)
    assert answer.is_success, f"{text}\n{answer.status_code} {answer.text}"
    return answer.json()


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
