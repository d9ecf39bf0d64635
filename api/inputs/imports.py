"""What a client may say of imports beside the file itself."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.importing.model import ImportKind
from domain.kernel.errors import InvalidInput


class NewImport(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A CSV file to be taken in, as text."""

    kind: ImportKind
    content: str
    mapping: dict[str, Any] = {}
    dry_run: bool = False


def mapping_from(text: str | None) -> dict[str, Any]:
    """The mapping out of its JSON text; what is in it the domain checks. Raises InvalidInput."""
    if text is None:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as malformed:
        raise InvalidInput.at("mapping", "malformed_mapping", "mapping is a JSON object.") from malformed
