"""The published contracts as files: what the code says, written to openapi/ and committed; drift fails the tests."""

from __future__ import annotations

from pathlib import Path

import msgspec

from api.app import create_app
from api.graphql.schema import schema
from domain.events.catalogue import webhook_catalogue
from domain.kernel.settings import Settings

FOLDER = Path(__file__).parent.parent / "openapi"

# No server is contacted: the contracts depend on the code alone.
NOWHERE = Settings.from_environment(
    {"DATABASE_URL": "postgresql:///none", "REDIS_URL": "redis://none", "DUNWELL_SECRET_KEY": "none"}
)


def contracts() -> dict[str, str]:
    """File name to content."""
    return {
        "openapi.json": _json(create_app(NOWHERE).state.openapi),
        "schema.graphql": schema.as_str() + "\n",
        "webhooks.json": _json(webhook_catalogue()),
    }


def stale_contracts() -> list[str]:
    """The names of committed files that differ from the code."""
    return list(_stale())


def write_contracts() -> list[str]:
    """Writes the files that differ; their names."""
    stale = _stale()
    for name, text in stale.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return list(stale)


def _stale() -> dict[str, str]:
    return {name: text for name, text in contracts().items() if _committed(name) != text}


def _committed(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1).decode() + "\n"
