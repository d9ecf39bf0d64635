"""Moving cases to the published version of their plan, in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.tenants import Operation
from api.inputs.fields import given, validated
from api.inputs.plan_migrations import CaseMigrationScope
from domain.dunning import migration_model as domain
from domain.dunning import migrations as uses


@graph_type(domain.CaseMigration)
class CaseMigration:
    """What moving one case to the published version of its plan comes to."""


@strawberry.type
class PlanMigrationQueries:
    """Looking at moves before they are made."""

    @door(uses.preview_migration, Connection[CaseMigration])
    async def case_migration_preview(
        self,
        info: GraphInfo,
        plan_id: strawberry.ID,
        first: int | None = None,
        after: str | None = None,
        from_versions: list[int] | None = None,
    ) -> Any:
        """What moving each case would come to: what is sent when, what is dropped, and what cannot be moved and why."""
        scope = validated(CaseMigrationScope, {"from_versions": from_versions})
        name = f"case_migration_preview:{plan_id}:{from_versions}"
        found = await uses.preview_migration(
            info.context.tenant, plan_id, page_request(first, after, name), **given(scope)
        )
        return connection(found, name, after, key=lambda item: str(item.case_id))


@strawberry.type
class PlanMigrationMutation:
    """Moving cases."""

    @door(uses.migrate_cases, Operation)
    async def migrate_cases(
        self, info: GraphInfo, plan_id: strawberry.ID, from_versions: list[int] | None = None
    ) -> Any:
        """Move every case that the preview lists as one that can be moved."""
        scope = validated(CaseMigrationScope, {"from_versions": from_versions})
        return await uses.migrate_cases(info.context.tenant, plan_id, **given(scope))


NODES: dict[str, Any] = {}
QUERIES = PlanMigrationQueries
MUTATIONS = PlanMigrationMutation
