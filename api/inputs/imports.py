"""What a client may say of imports beside the file itself."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import msgspec

from domain.importing.model import FileFormat, ImportKind
from domain.kernel.errors import InvalidInput

ProfileName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewImport(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A file to be taken in: as text, or, of a workbook, its bytes in base64."""

    kind: ImportKind
    content: str
    format: FileFormat = "csv"
    mapping: dict[str, Any] = {}
    dry_run: bool = False
    profile: ProfileName | None = None


class ImportProfileFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How files of one kind are read: `mapping` is that of an import, e.g. `{"columns": {"due_on": "Due"}}`."""

    name: ProfileName
    kind: ImportKind
    mapping: dict[str, Any]


def content_of(data: NewImport) -> bytes:
    """The bytes of the file; raises InvalidInput for what is not base64."""
    if data.format != "xlsx":
        return data.content.encode()
    try:
        return base64.b64decode(data.content, validate=True)
    except ValueError as malformed:
        raise InvalidInput.at("/content", "malformed_base64", "A workbook is sent in base64.") from malformed


def mapping_from(text: str | None) -> dict[str, Any]:
    """The mapping out of its JSON text; what is in it the domain checks. Raises InvalidInput."""
    if text is None:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as malformed:
        raise InvalidInput.at("mapping", "malformed_mapping", "mapping is a JSON object.") from malformed
