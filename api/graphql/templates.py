"""Templates in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.templates import NewTemplate, TemplatePatch
from domain.messaging import model as domain
from domain.messaging import templates as uses

CreateTemplateInput = input_type(NewTemplate, "CreateTemplateInput")
UpdateTemplateInput = input_type(TemplatePatch, "UpdateTemplateInput")


@graph_type(domain.Template)
class Template:
    """A text of your own; it wins over the built-in one of the same key, channel and locale."""


@strawberry.type
class TemplateQuery:
    """Reading templates."""

    @door(uses.get_template, Template)
    async def template(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One template."""
        return await uses.get_template(info.context.tenant, id)

    @door(uses.list_templates, Connection[Template])
    async def templates(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Your own templates, oldest first."""
        page = await uses.list_templates(info.context.tenant, page_request(first, after, "templates"))
        return connection(page, "templates", after)


@strawberry.type
class TemplateMutation:
    """Changing templates."""

    @door(uses.create_template, Template)
    async def create_template(self, info: GraphInfo, input: CreateTemplateInput) -> Any:
        """Add a text of your own."""
        return await uses.create_template(info.context.tenant, **given(from_input(NewTemplate, input)))

    @door(uses.update_template, Template)
    async def update_template(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateTemplateInput, expected_version: int | None = None
    ) -> Any:
        """Change a template; notices that are already queued keep their text."""
        changes = given(from_input(TemplatePatch, input))
        return await uses.update_template(info.context.tenant, id, changes, expected_version=expected_version)


NODES = {"tpl": uses.get_template}
QUERIES = TemplateQuery
MUTATIONS = TemplateMutation
