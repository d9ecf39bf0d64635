"""`python -m tests.scenarios.golden [--write]`: tells every year and says which differ from what is written down, or writes them down."""

from __future__ import annotations

import asyncio
import sys

from cli.servers import throwaway_servers
from domain.access.platforms import create_platform
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.logs import configure_logs
from domain.kernel.scopes import PLATFORM_SCOPES
from domain.storage.engine import DB
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer, install_sealer, new_key_text
from tests.scenarios.golden.year import SETTINGS, YEARS, told_year


async def tell(database_url: str) -> dict[str, str]:
    """Every year by the key of its preset."""
    await migrate(database_url)
    install_sealer(Sealer.from_text(new_key_text()))
    await DB.open(database_url, max_connections=4)
    made, _ = await create_platform("Golden")
    platform = PlatformContext(platform_id=made.id, actor=Actor("operator", "golden"), scopes=PLATFORM_SCOPES)
    try:
        return {key: await told_year(platform, key) for key in SETTINGS}
    finally:
        await DB.close()


def main(write: bool) -> int:
    """0 if nothing differs, or if it was written down."""
    configure_logs("WARNING")
    with throwaway_servers("golden") as urls:
        years = asyncio.run(tell(urls.database_url))
    differing = 0
    for key, told in years.items():
        path = YEARS / f"{key}.txt"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if told != before:
            differing += 1
            sys.stdout.write(f"{key}: {'written' if write else 'differs'}\n")
            if write:
                path.write_text(told, encoding="utf-8")
    return 0 if write else min(differing, 1)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
