"""The contact policies that come with Dunwell, one for each jurisdiction: data in contact_policies.json, read when first asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from domain.messaging.contact_policy_model import ContactPolicyPreset


@cache
def presets() -> tuple[ContactPolicyPreset, ...]:
    """All presets, by key in alphabetical order."""
    raw = Path(__file__).with_suffix(".json").read_bytes()
    return tuple(sorted(msgspec.json.decode(raw, type=list[ContactPolicyPreset]), key=lambda preset: preset.key))


def preset_of(key: str) -> ContactPolicyPreset | None:
    """The preset with this key, if there is one."""
    return next((preset for preset in presets() if preset.key == key), None)
