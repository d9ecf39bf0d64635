"""What a client may say of moving cases to another version of their plan."""

from __future__ import annotations

from typing import Annotated

import msgspec

VersionNumber = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class CaseMigrationScope(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """From which versions cases are moved to the published one; without any, from all others."""

    from_versions: Annotated[list[VersionNumber], msgspec.Meta(min_length=1, max_length=100)] | None = None
