"""/v1/templates."""

from __future__ import annotations

import base64
from typing import Any, cast

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.previews import preview_arguments
from api.inputs.templates import NewTemplate, PreviewWanted, TemplatePatch, TemplateRestore
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
from api.rest.pdf import PdfOrJsonOperation, pdf_answer, wants_pdf
from domain.messaging import preview, templates
from domain.messaging.model import Template, TemplatePreview, TemplateVersion


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


@get(
    "/templates/{template_id:str}/versions",
    use_case=templates.list_template_versions,
    operation_id="ListTemplateVersions",
)
async def list_template_versions(
    request: Request[Any, Any, Any], template_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[TemplateVersion]]:
    """List what a template said, first to last."""
    page = page_request(request, limit, cursor)
    return listing(request, await templates.list_template_versions(tenant_context(request), template_id, page))


@post(
    "/templates/{template_id:str}/restore",
    use_case=templates.restore_template,
    operation_id="RestoreTemplate",
    status_code=200,
)
async def restore_template(
    request: Request[Any, Any, Any], template_id: FromPath[str], data: JSONBody[TemplateRestore]
) -> Response[Template]:
    """Have a template say again what an earlier version said, as a new version."""
    restored = await templates.restore_template(
        tenant_context(request), template_id, data.number, expected_version=expected_version(request)
    )
    return with_etag(restored)


@post(
    "/templates/preview",
    use_case=preview.preview_template,
    operation_id="PreviewTemplate",
    operation_class=PdfOrJsonOperation,
    status_code=200,
)
async def preview_template(request: Request[Any, Any, Any], data: JSONBody[PreviewWanted]) -> Response[TemplatePreview]:
    """Preview a text, saved or not, with real or sample data, as it would be sent. `Accept: application/pdf` makes a letter of it."""
    as_pdf = wants_pdf(request)
    shown = await preview.preview_template(tenant_context(request), **preview_arguments(data), pdf=as_pdf)
    if shown.pdf_base64 is None:
        return Response(shown, status_code=200, headers={"Vary": "Accept"})
    answer = pdf_answer(base64.b64decode(shown.pdf_base64), "preview.pdf", Vary="Accept")
    return cast(Response[TemplatePreview], answer)


ROUTES = [
    create_template,
    list_templates,
    get_template,
    update_template,
    list_template_versions,
    restore_template,
    preview_template,
]
