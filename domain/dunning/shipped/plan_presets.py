"""The reminder plans that come with Dunwell: data in plans/, one file for each, read when first asked for.

What people read is there in every shipped locale, as an object with a text for each; everything else is a plan as the API takes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from domain.customers.rules import LOCALES
from domain.dunning.model import PlanPreset
from domain.dunning.rules.actions import AlertAction, is_writing
from domain.dunning.rules.options import parse_options
from domain.dunning.rules.steps import Step, parse_steps
from domain.messaging.rules.selection import FALLBACK_LOCALE

_PLANS = Path(__file__).parent / "plans"


def presets(locale: str) -> tuple[PlanPreset, ...]:
    """All presets in the language of `locale`, or in English, in the order in which they are to be shown."""
    return _in_language(_spoken(locale))


def preset_of(key: str, locale: str) -> PlanPreset | None:
    """The preset with this key, if there is one."""
    return next((preset for preset in presets(locale) if preset.key == key), None)


@cache
def _in_language(locale: str) -> tuple[PlanPreset, ...]:
    raw = [msgspec.json.decode(path.read_bytes()) for path in sorted(_PLANS.glob("*.json"))]
    return tuple(_preset(_said(one, locale)) for one in sorted(raw, key=lambda one: int(one["order"])))


def _preset(raw: dict[str, Any]) -> PlanPreset:
    steps = parse_steps(raw["steps"])
    return PlanPreset(
        key=raw["key"],
        name=raw["name"],
        description=raw["description"],
        source=raw["source"],
        channels=_channels(steps),
        steps=steps,
        options=parse_options(raw["options"]),
    )


def _channels(steps: list[Step]) -> list[str]:
    """Every channel that a step may use, in the order in which they first appear."""
    found: dict[str, None] = {}
    for step in steps:
        if is_writing(step.action):
            found |= dict.fromkeys(step.action.channels)
        elif isinstance(step.action, AlertAction):
            found[step.action.channel] = None
    return list(found)


def _said(value: Any, locale: str) -> Any:
    """The data with every text that exists in all languages in the one asked for."""
    if isinstance(value, list):
        return [_said(one, locale) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == set(LOCALES):
        return value[locale]
    return {name: _said(one, locale) for name, one in value.items()}


def _spoken(locale: str) -> str:
    if locale in LOCALES:
        return locale
    language = locale.partition("-")[0]
    return next((known for known in LOCALES if known.partition("-")[0] == language), FALLBACK_LOCALE)
