"""Imports in GraphQL; a large file is better streamed to POST /v1/imports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import strawberry
from strawberry.scalars import JSON

from api.graphql.context import GraphInfo, door
from api.graphql.tenants import Operation
from api.inputs.fields import validated
from api.inputs.imports import NewImport, content_of
from domain.importing import imports as uses


@strawberry.type
class ImportQuery:
    """Nothing of its own: an import is read as its operation."""


@strawberry.type
class ImportMutation:
    """Taking files in."""

    @door(uses.start_import, Operation)
    async def create_import(
        self,
        info: GraphInfo,
        kind: str,
        content: str,
        mapping: JSON | None = None,
        dry_run: bool = False,
        format: str = "csv",
        profile: str | None = None,
    ) -> Any:
        """Send a file, `csv` or `jsonl` as text or `xlsx` in base64; the operation tells how far it is and what it could not take."""
        told: dict[str, Any] = {
            "kind": kind,
            "content": content,
            "mapping": mapping or {},
            "dry_run": dry_run,
            "format": format,
            "profile": profile,
        }
        data = validated(NewImport, told)
        return await uses.start_import(
            info.context.tenant,
            kind=data.kind,
            chunks=_pieces(content_of(data)),
            charset="utf-8",
            file_format=data.format,
            dry_run=data.dry_run,
            mapping=data.mapping,
            profile=data.profile,
        )


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


NODES: dict[str, Any] = {}
QUERIES = ImportQuery
MUTATIONS = ImportMutation
