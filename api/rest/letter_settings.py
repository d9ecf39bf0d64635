"""/v1/letter-settings."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, put
from litestar.params import JSONBody

from api.authentication import tenant_context
from api.inputs.templates import LetterSettingsFields
from api.rest.answers import expected_version, with_etag
from domain.messaging import letter_settings
from domain.messaging.model import LetterSettings


@get("/letter-settings", use_case=letter_settings.get_letter_settings, operation_id="GetLetterSettings")
async def get_letter_settings(request: Request[Any, Any, Any]) -> Response[LetterSettings]:
    """How letters are numbered."""
    return with_etag(await letter_settings.get_letter_settings(tenant_context(request)))


@put("/letter-settings", use_case=letter_settings.put_letter_settings, operation_id="PutLetterSettings")
async def put_letter_settings(
    request: Request[Any, Any, Any], data: JSONBody[LetterSettingsFields]
) -> Response[LetterSettings]:
    """Set how letters are numbered from now on, e.g. `M-{year}-{number}`; letters that there are keep their numbers."""
    changed = await letter_settings.put_letter_settings(
        tenant_context(request), number_format=data.number_format, expected_version=expected_version(request)
    )
    return with_etag(changed)


ROUTES = [get_letter_settings, put_letter_settings]
