"""Templates in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.previews import preview_arguments
from api.inputs.templates import LetterSettingsFields, NewTemplate, PreviewWanted, TemplatePatch
from domain.messaging import letter_settings as settings_uses
from domain.messaging import model as domain
from domain.messaging import preview
from domain.messaging import templates as uses

CreateTemplateInput = input_type(NewTemplate, "CreateTemplateInput")
UpdateTemplateInput = input_type(TemplatePatch, "UpdateTemplateInput")
PutLetterSettingsInput = input_type(LetterSettingsFields, "PutLetterSettingsInput")
PreviewTemplateInput = input_type(PreviewWanted, "PreviewTemplateInput")


@graph_type(domain.Template)
class Template:
    """A text of your own; it wins over the built-in one of the same key, channel and locale."""


@graph_type(domain.TemplateVersion)
class TemplateVersion:
    """What a template said from one of its versions to the next."""


@graph_type(domain.TemplatePreview)
class TemplatePreview:
    """What a template makes of real or sample data."""


@graph_type(domain.LetterSettings)
class LetterSettings:
    """How the tenant's letters are numbered."""


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

    @door(uses.list_template_versions, Connection[TemplateVersion])
    async def template_versions(
        self, info: GraphInfo, template_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """What a template said, first to last."""
        name = f"template_versions:{template_id}"
        page = await uses.list_template_versions(info.context.tenant, template_id, page_request(first, after, name))
        return connection(page, name, after, lambda version: str(version.number))

    @door(preview.preview_template, TemplatePreview)
    async def preview_template(self, info: GraphInfo, input: PreviewTemplateInput, pdf: bool = False) -> Any:
        """A text, saved or not, with real or sample data, as it would be sent; with `pdf`, as a letter too."""
        arguments = preview_arguments(from_input(PreviewWanted, input))
        return await preview.preview_template(info.context.tenant, **arguments, pdf=pdf)

    @door(settings_uses.get_letter_settings, LetterSettings)
    async def letter_settings(self, info: GraphInfo) -> Any:
        """How letters are numbered."""
        return await settings_uses.get_letter_settings(info.context.tenant)


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

    @door(uses.restore_template, Template)
    async def restore_template(
        self, info: GraphInfo, id: strawberry.ID, number: int, expected_version: int | None = None
    ) -> Any:
        """Have a template say again what an earlier version said, as a new version."""
        return await uses.restore_template(info.context.tenant, id, number, expected_version=expected_version)

    @door(settings_uses.put_letter_settings, LetterSettings)
    async def put_letter_settings(
        self, info: GraphInfo, input: PutLetterSettingsInput, expected_version: int | None = None
    ) -> Any:
        """Set how letters are numbered from now on; letters that there are keep their numbers."""
        told = from_input(LetterSettingsFields, input)
        return await settings_uses.put_letter_settings(
            info.context.tenant, number_format=told.number_format, expected_version=expected_version
        )


NODES = {"tpl": uses.get_template}
QUERIES = TemplateQuery
MUTATIONS = TemplateMutation
