"""The npm package graphql-http judges our GraphQL over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

JUDGES = Path(__file__).parent / "node"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: graphql-http cannot judge")
@pytest.mark.skipif(
    not (JUDGES / "node_modules" / "graphql-http").exists(), reason="npm could not install graphql-http"
)
async def test_graphql_http_passes_all_61_audits(base_url: str, access_token: str) -> None:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(JUDGES / "audit.mjs"),
        f"{base_url}/graphql",
        env={**os.environ, "TOKEN": access_token},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    verdict = json.loads(output)
    assert verdict == {"ok": 61, "warn": [], "error": [], "notice": []}
