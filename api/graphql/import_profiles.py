"""Import profiles in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.imports import ImportProfileFields
from domain.importing import model as domain
from domain.importing import profiles as uses

ImportProfileInput = input_type(ImportProfileFields, "ImportProfileInput")


@graph_type(domain.ImportProfile)
class ImportProfile:
    """How files of one kind are read, under a name that imports can give."""


@strawberry.type
class ImportProfileQuery:
    """Reading import profiles."""

    @door(uses.get_import_profile, ImportProfile)
    async def import_profile(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One import profile."""
        return await uses.get_import_profile(info.context.tenant, id)

    @door(uses.list_import_profiles, Connection[ImportProfile])
    async def import_profiles(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Import profiles, oldest first."""
        page = await uses.list_import_profiles(info.context.tenant, page_request(first, after, "import_profiles"))
        return connection(page, "import_profiles", after)


@strawberry.type
class ImportProfileMutation:
    """Changing import profiles."""

    @door(uses.create_import_profile, ImportProfile)
    async def create_import_profile(self, info: GraphInfo, input: ImportProfileInput) -> Any:
        """Keep how files of one kind are read, under a name that imports can give."""
        fields = given(from_input(ImportProfileFields, input))
        return await uses.create_import_profile(info.context.tenant, **fields)

    @door(uses.replace_import_profile, ImportProfile)
    async def replace_import_profile(
        self, info: GraphInfo, id: strawberry.ID, input: ImportProfileInput, expected_version: int | None = None
    ) -> Any:
        """Say all of an import profile anew; imports that have begun go on with the mapping that they began with."""
        fields = given(from_input(ImportProfileFields, input))
        return await uses.replace_import_profile(info.context.tenant, id, **fields, expected_version=expected_version)

    @door(uses.delete_import_profile, strawberry.ID)
    async def delete_import_profile(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Forget an import profile; answers its id."""
        await uses.delete_import_profile(info.context.tenant, id, expected_version=expected_version)
        return id


NODES = {"ipf": uses.get_import_profile}
QUERIES = ImportProfileQuery
MUTATIONS = ImportProfileMutation
