"""/v1/import-profiles."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.imports import ImportProfileFields
from api.rest.answers import (
    DEFAULT,
    Cursor,
    Limit,
    Listing,
    created,
    expected_version,
    listing,
    page_request,
    with_etag,
)
from domain.importing import profiles
from domain.importing.model import ImportProfile

_ONE = "/import-profiles/{import_profile_id:str}"


@post("/import-profiles", use_case=profiles.create_import_profile, operation_id="CreateImportProfile")
async def create_import_profile(
    request: Request[Any, Any, Any], data: JSONBody[ImportProfileFields]
) -> Response[ImportProfile]:
    """Keep how files of one kind are read, under a name that imports can give."""
    return created(await profiles.create_import_profile(tenant_context(request), **given(data)))


@get("/import-profiles", use_case=profiles.list_import_profiles, operation_id="ListImportProfiles")
async def list_import_profiles(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[ImportProfile]]:
    """List import profiles, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await profiles.list_import_profiles(tenant_context(request), page))


@get(_ONE, use_case=profiles.get_import_profile, operation_id="GetImportProfile")
async def get_import_profile(
    request: Request[Any, Any, Any], import_profile_id: FromPath[str]
) -> Response[ImportProfile]:
    """Read an import profile."""
    return with_etag(await profiles.get_import_profile(tenant_context(request), import_profile_id))


@put(_ONE, use_case=profiles.replace_import_profile, operation_id="ReplaceImportProfile")
async def replace_import_profile(
    request: Request[Any, Any, Any], import_profile_id: FromPath[str], data: JSONBody[ImportProfileFields]
) -> Response[ImportProfile]:
    """Say all of an import profile anew; imports that have begun go on with the mapping that they began with."""
    changed = await profiles.replace_import_profile(
        tenant_context(request), import_profile_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@delete(_ONE, use_case=profiles.delete_import_profile, operation_id="DeleteImportProfile")
async def delete_import_profile(request: Request[Any, Any, Any], import_profile_id: FromPath[str]) -> None:
    """Forget an import profile; imports that have begun go on with the mapping that they began with."""
    await profiles.delete_import_profile(
        tenant_context(request), import_profile_id, expected_version=expected_version(request)
    )


ROUTES = [
    create_import_profile,
    list_import_profiles,
    get_import_profile,
    replace_import_profile,
    delete_import_profile,
]
