"""The options of plan versions that cases walk through: they never change, so every process may keep them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from domain.dunning.rules.options import PlanOptions, options_from
from domain.kernel.context import Context
from domain.storage.transaction import sql

_options: dict[tuple[str, str], PlanOptions] = {}
_MOST_KEPT = 10_000


async def options_of(ctx: Context, version_ids: Iterable[str]) -> dict[str, PlanOptions]:
    """The options of published or retired versions by version id, read once in the life of a process."""
    found = {wanted: _options.get((ctx.tenant_id, wanted)) for wanted in version_ids}
    missing = [version_id for version_id, options in found.items() if options is None]
    if missing:
        rows = await sql(ctx).fetch(
            "select id, options from plan_versions where tenant_id = $1 and id = any($2) and state <> 'draft'",
            ctx.tenant_id,
            missing,
        )
        if len(_options) > _MOST_KEPT:
            _options.clear()
        for row in rows:
            found[row["id"]] = _options[ctx.tenant_id, row["id"]] = options_from(msgspec.json.decode(row["options"]))
    return {version_id: options for version_id, options in found.items() if options is not None}
