"""/v1/receivables/{id}/reminder-settings."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, put
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.reminder_settings import ReminderSettingsFields
from api.rest.answers import expected_version, with_etag
from domain.dunning import reminder_settings as settings
from domain.dunning.model import ReminderSettings

_PATH = "/receivables/{receivable_id:str}/reminder-settings"


@get(_PATH, use_case=settings.get_reminder_settings, operation_id="GetReminderSettings")
async def get_reminder_settings(
    request: Request[Any, Any, Any], receivable_id: FromPath[str]
) -> Response[ReminderSettings]:
    """Read how a receivable is reminded where it differs from the others; a case that has acted keeps its plan all the same."""
    return with_etag(await settings.get_reminder_settings(tenant_context(request), receivable_id))


@put(_PATH, use_case=settings.put_reminder_settings, operation_id="PutReminderSettings")
async def put_reminder_settings(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[ReminderSettingsFields]
) -> Response[ReminderSettings]:
    """Set by which plan, how much later and how far apart a receivable is reminded; a case that has acted keeps its plan."""
    put_settings = await settings.put_reminder_settings(
        tenant_context(request), receivable_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(put_settings)


@delete(_PATH, use_case=settings.delete_reminder_settings, operation_id="DeleteReminderSettings")
async def delete_reminder_settings(request: Request[Any, Any, Any], receivable_id: FromPath[str]) -> None:
    """Remind a receivable as all others again; a case that has acted keeps its plan."""
    version = expected_version(request)
    await settings.delete_reminder_settings(tenant_context(request), receivable_id, expected_version=version)


ROUTES = [get_reminder_settings, put_reminder_settings, delete_reminder_settings]
