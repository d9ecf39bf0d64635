"""/v1/imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, RequestBody
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import QueryParameter

from api.authentication import tenant_context
from api.inputs.imports import mapping_from
from api.rest.answers import accepted
from domain.importing import imports
from domain.importing.model import MEDIA_TYPES, ImportKind
from domain.operations.model import Operation

Kind = Annotated[ImportKind, QueryParameter(description="What the lines are.")]
DryRun = Annotated[bool, QueryParameter(description="Report what would be done, and store nothing.")]
Mapping = Annotated[
    str | None,
    QueryParameter(
        max_length=5000,  # in any script, percent-encoded, still a request line that servers read
        description='JSON: `{"columns": {our field: their header}, "date_format": "M/D/YYYY", "defaults": {"currency": "USD"},'
        ' "sheet": "Open items", "delimiter": ";", "encoding": "gb18030"}`.',
    ),
]

Profile = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=100,
        description="An import profile by its id or name: its mapping holds but for the keys that `mapping` has.",
    ),
]

_BODY = "CSV in UTF-8 or GB18030, a workbook, or JSON Lines in UTF-8, up to 100 MB."


@dataclass
class Upload(OpenAPIOperation):
    """The operation's body, which no parameter declares since it is streamed."""

    def __post_init__(self) -> None:
        content = {media_type: OpenAPIMediaType() for media_type in MEDIA_TYPES}
        self.request_body = RequestBody(content=content, required=True, description=_BODY)


@post(
    "/imports",
    use_case=imports.start_import,
    operation_id="CreateImport",
    operation_class=Upload,
    status_code=202,
)
async def create_import(
    request: Request[Any, Any, Any],
    kind: Kind,
    dry_run: DryRun = False,
    mapping: Mapping = None,
    profile: Profile = None,
) -> Response[Operation]:
    """Send a file: CSV, a workbook (XLSX) or JSON Lines; the operation tells how far it is and which lines could not be taken."""
    media_type, parameters = request.content_type
    if media_type not in MEDIA_TYPES:
        raise HTTPException(f"Content-Type is one of {', '.join(MEDIA_TYPES)}.", status_code=415)
    operation = await imports.start_import(
        tenant_context(request),
        kind=kind,
        chunks=request.stream(),
        file_format=MEDIA_TYPES[media_type],
        charset=parameters.get("charset"),
        dry_run=dry_run,
        mapping=mapping_from(mapping),
        profile=profile,
    )
    return accepted(operation)


ROUTES = [create_import]
