"""The words of imports."""

from __future__ import annotations

from typing import Literal

ImportKind = Literal["receivables", "customers", "contacts", "payments", "credit_notes"]
FileFormat = Literal["csv", "xlsx", "jsonl"]
MEDIA_TYPES: dict[str, FileFormat] = {
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
}
