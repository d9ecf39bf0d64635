"""/v1/reminder-plans/{id}/migrations: cases on their way are moved to the published version of their plan."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.plan_migrations import CaseMigrationScope
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, accepted, listing, page_request
from domain.dunning import migrations
from domain.dunning.migration_model import CaseMigration
from domain.operations.model import Operation


@post(
    "/reminder-plans/{plan_id:str}/migrations/preview",
    use_case=migrations.preview_migration,
    operation_id="PreviewCaseMigration",
    status_code=200,
)
async def preview_migration(
    request: Request[Any, Any, Any],
    plan_id: FromPath[str],
    data: JSONBody[CaseMigrationScope],
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[CaseMigration]]:
    """Say what moving each case would come to: what is sent when, what is dropped, and what cannot be moved and why."""
    found = await migrations.preview_migration(
        tenant_context(request), plan_id, page_request(request, limit, cursor), **given(data)
    )
    return listing(request, found)


@post(
    "/reminder-plans/{plan_id:str}/migrations",
    use_case=migrations.migrate_cases,
    operation_id="MigrateCases",
    status_code=202,
)
async def migrate_cases(
    request: Request[Any, Any, Any], plan_id: FromPath[str], data: JSONBody[CaseMigrationScope]
) -> Response[Operation]:
    """Move every case that the preview lists as one that can be moved."""
    return accepted(await migrations.migrate_cases(tenant_context(request), plan_id, **given(data)))


ROUTES = [preview_migration, migrate_cases]
