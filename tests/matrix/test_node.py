"""`node(id:)` opens no door that its type's own field keeps shut."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.graphql.schema import FINDERS
from domain.kernel.scopes import Scope
from domain.kernel.usecase import declared
from tests.api.conftest import anonymous, app
from tests.matrix.registry import CASES, Victim
from tests.matrix.test_matrix import Callers, callers, platform_of_victim, victim

__all__ = ["anonymous", "app", "callers", "platform_of_victim", "victim"]

QUERY = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.mark.parametrize("prefix", sorted(FINDERS))
async def test_a_node_is_found_by_the_one_who_may_and_by_nobody_else(
    prefix: str, anonymous: httpx.AsyncClient, victim: Victim, callers: Callers
) -> None:
    use = declared(FINDERS[prefix])
    (object_id,) = (await CASES[use.short_name](victim)).path.values()
    assert object_id.startswith(f"{prefix}_")
    of_platform = use.realm == "platform"
    for foreigner in [callers.strange_platform] if of_platform else [callers.sibling, callers.stranger]:
        assert (await _node(anonymous, object_id, foreigner)) == {"data": {"node": None}}
    without = (callers.platform_without if of_platform else callers.tenant_without)[Scope(use.scope)]
    refused = await _node(anonymous, object_id, without)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["insufficient_scope"]
    found = await _node(anonymous, object_id, callers.platform if of_platform else callers.tenant)
    assert found["data"]["node"]["id"] == object_id


async def _node(http: httpx.AsyncClient, object_id: str, token: str) -> Any:
    answer = await http.post(
        "/graphql",
        json={"query": QUERY, "variables": {"id": object_id}},
        headers={"Authorization": f"Bearer {token}"},
    )
    return answer.json()
