"""How PostgreSQL is to run the statements of a batch."""

from __future__ import annotations

from domain.kernel.context import Context
from domain.storage.transaction import sql

# A batch touches a few hundred rows by key, whatever is stored. Left to itself PostgreSQL may keep a plan that it made
# when the tables were empty, and scan them whole until it next analyses them. For the same reason the statements of
# dunning look up each key in a lateral join: no statistics, or wrong ones, can turn that round.
_BY_INDEX = "set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off"


async def look_up_by_index(ctx: Context) -> None:
    """From here to its end the open transaction finds rows by index, in the order of the index."""
    await sql(ctx).execute(_BY_INDEX)


async def plan_for_the_size_of_now(ctx: Context) -> None:
    """From here to its end the open transaction plans each statement anew: it may fill a table that was empty when it began."""
    await sql(ctx).execute("set local plan_cache_mode = force_custom_plan")
