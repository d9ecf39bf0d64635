"""What integrators keep with their objects: any JSON object, as long as it can be read back wherever it is told again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.kernel.errors import FieldError

MOST_DEPTH = 20


def faults_of_metadata(metadata: Mapping[str, Any] | None, at: str = "/metadata") -> Iterator[FieldError]:
    """Metadata goes into events, webhooks and the audit log, which nest it further: a decoder reads less than a thousand levels."""
    level: list[Any] = [metadata or {}]
    for _ in range(MOST_DEPTH):
        level = [inner for one in level for inner in _within(one)]
        if not level:
            return
    yield FieldError(at, "metadata_too_deep", f"Metadata is at most {MOST_DEPTH} levels deep.")


def _within(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [one for one in inner if isinstance(one, Mapping | list)]
