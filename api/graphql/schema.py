"""The GraphQL schema: every resource's queries and mutations, and `node(id:)`."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from api.graphql import (
    activities,
    aging,
    approvals,
    audit,
    bank_statements,
    cases,
    channel_accounts,
    charges,
    clients,
    contact_policy,
    credit_notes,
    customers,
    disputes,
    escalations,
    events,
    exchange_rates,
    explaining,
    holds,
    identity_provider,
    import_profiles,
    imports,
    intents,
    notices,
    payments,
    plan_assignments,
    plan_migrations,
    plan_presets,
    plans,
    receivable_details,
    receivables,
    reconciliations,
    reminder_settings,
    runs,
    segments,
    statements,
    tasks,
    templates,
    tenant_changes,
    tenants,
    users,
    webhooks,
    write_offs,
)
from api.graphql.context import GraphInfo
from api.graphql.limits import EXTENSIONS
from api.graphql.mapping import SCALARS, Node
from domain.kernel.errors import NotFound

_MODULES: list[Any] = [
    tenants,
    clients,
    tenant_changes,
    customers,
    segments,
    receivables,
    receivable_details,
    aging,
    statements,
    reconciliations,
    payments,
    credit_notes,
    charges,
    disputes,
    imports,
    bank_statements,
    import_profiles,
    events,
    webhooks,
    write_offs,
    exchange_rates,
    explaining,
    plan_presets,
    plans,
    plan_assignments,
    plan_migrations,
    reminder_settings,
    cases,
    runs,
    approvals,
    activities,
    tasks,
    escalations,
    holds,
    templates,
    contact_policy,
    notices,
    intents,
    channel_accounts,
    audit,
    users,
    identity_provider,
]
FINDERS = {prefix: find for module in _MODULES for prefix, find in module.NODES.items()}


@strawberry.type
class _NodeQuery:
    @strawberry.field(
        graphql_type=Node | None, description="Any object by its id, if the token's scopes allow to read it."
    )
    async def node(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """The prefix of an id tells its type."""
        find = FINDERS.get(id.partition("_")[0])
        if find is None:
            return None
        try:
            return await find(info.context.caller, id)
        except NotFound:
            return None


Query = strawberry.type(
    type("Query", (_NodeQuery, *(module.QUERIES for module in _MODULES if module.QUERIES is not None)), {})
)
Mutation = strawberry.type(
    type("Mutation", tuple(module.MUTATIONS for module in _MODULES if module.MUTATIONS is not None), {})
)

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    extensions=EXTENSIONS,
    config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
)
