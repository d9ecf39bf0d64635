"""Every shipped plan, a year long, does exactly what is written down in years/."""

from __future__ import annotations

import pytest

from domain.access.model import NewClient
from domain.dunning.shipped.plan_presets import presets
from domain.kernel.context import PlatformContext
from tests.scenarios.golden.debtors import EDGES
from tests.scenarios.golden.year import SETTINGS, YEARS, told_year


@pytest.mark.parametrize("key", SETTINGS)
async def test_a_year_of_a_shipped_plan(platform: tuple[PlatformContext, NewClient], key: str) -> None:
    """To accept a change: `python -m tests.scenarios.golden --write`, and read the diff."""
    written = (YEARS / f"{key}.txt").read_text(encoding="utf-8")
    assert (await told_year(platform[0], key)).splitlines() == written.splitlines()


def test_every_preset_has_its_year_and_every_edge_appears() -> None:
    assert SETTINGS.keys() == {preset.key for preset in presets("en")}
    told = "".join(path.read_text(encoding="utf-8") for path in YEARS.glob("*.txt"))
    for day in EDGES:
        assert f" {day:+4d}  " in told
