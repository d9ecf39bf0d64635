"""docs/money.md says what it says because this executes it."""

from __future__ import annotations

import httpx

from tests.api.pages import play


async def test_every_example_of_the_money_page_answers_what_it_shows(api: httpx.AsyncClient) -> None:
    await play(api, "money.md", least_calls=15)
