"""The words of imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ImportKind = Literal["receivables", "customers", "contacts", "payments", "credit_notes"]
FileFormat = Literal["csv", "xlsx", "jsonl"]
MEDIA_TYPES: dict[str, FileFormat] = {
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProfile:
    """How a tenant's files of one kind are read, under a name that imports can give; `mapping` is that of an import."""

    id: str
    name: str
    kind: ImportKind
    mapping: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
