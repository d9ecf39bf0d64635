"""/v1/templates."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.templates import NewTemplate, TemplatePatch
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
from domain.messaging import templates
from domain.messaging.model import Template


@post("/templates", use_case=templates.create_template, operation_id="CreateTemplate")
async def create_template(request: Request[Any, Any, Any], data: JSONBody[NewTemplate]) -> Response[Template]:
    """Add a text of your own."""
    return created(await templates.create_template(tenant_context(request), **given(data)))


@get("/templates", use_case=templates.list_templates, operation_id="ListTemplates")
async def list_templates(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Template]]:
    """List your own templates, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await templates.list_templates(tenant_context(request), page))


@get("/templates/{template_id:str}", use_case=templates.get_template, operation_id="GetTemplate")
async def get_template(request: Request[Any, Any, Any], template_id: FromPath[str]) -> Response[Template]:
    """Read a template."""
    return with_etag(await templates.get_template(tenant_context(request), template_id))


@patch("/templates/{template_id:str}", use_case=templates.update_template, operation_id="UpdateTemplate")
async def update_template(
    request: Request[Any, Any, Any], template_id: FromPath[str], data: JSONBody[TemplatePatch]
) -> Response[Template]:
    """Change a template; notices that are already queued keep their text."""
    changed = await templates.update_template(
        tenant_context(request), template_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


ROUTES = [create_template, list_templates, get_template, update_template]
