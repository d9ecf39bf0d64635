"""/v1/reminder-runs: what was proposed is gone through and released."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.runs import NewReminderRun, RunExclusion, RunRelease
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
from domain.dunning import runs
from domain.dunning.run_model import ReminderRun, ReminderRunItem, ReminderRunReport, RunItemState

# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[RunItemState | None, QueryParameter(name="state", description="Only items in this state.")]


@post("/reminder-runs", use_case=runs.open_run, operation_id="OpenReminderRun")
async def open_run(request: Request[Any, Any, Any], data: JSONBody[NewReminderRun]) -> Response[ReminderRun]:
    """Collect every notice that waits for its release."""
    return created(await runs.open_run(tenant_context(request), **given(data)))


@get("/reminder-runs", use_case=runs.list_runs, operation_id="ListReminderRuns")
async def list_runs(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[ReminderRun]]:
    """List runs, oldest first."""
    return listing(request, await runs.list_runs(tenant_context(request), page_request(request, limit, cursor)))


@get("/reminder-runs/{run_id:str}", use_case=runs.get_run, operation_id="GetReminderRun")
async def get_run(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[ReminderRun]:
    """Read a run."""
    return with_etag(await runs.get_run(tenant_context(request), run_id))


@get("/reminder-runs/{run_id:str}/items", use_case=runs.list_run_items, operation_id="ListReminderRunItems")
async def list_run_items(
    request: Request[Any, Any, Any],
    run_id: FromPath[str],
    in_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[ReminderRunItem]]:
    """List the notices of a run in the order in which they were written."""
    page = page_request(request, limit, cursor)
    return listing(request, await runs.list_run_items(tenant_context(request), run_id, page, state=in_state))


@get("/reminder-runs/{run_id:str}/report", use_case=runs.run_report, operation_id="ReportReminderRun")
async def run_report(request: Request[Any, Any, Any], run_id: FromPath[str]) -> ReminderRunReport:
    """Say what became of everything in a run: what was released is what was sent and what was skipped, with the codes."""
    return await runs.run_report(tenant_context(request), run_id)


@post(
    "/reminder-runs/{run_id:str}/exclude",
    use_case=runs.exclude_run_items,
    operation_id="ExcludeReminderRunItems",
    status_code=200,
)
async def exclude_run_items(
    request: Request[Any, Any, Any], run_id: FromPath[str], data: JSONBody[RunExclusion]
) -> Response[ReminderRun]:
    """Take notices out of a run; they are never sent."""
    changed = await runs.exclude_run_items(
        tenant_context(request), run_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/reminder-runs/{run_id:str}/release", use_case=runs.release_run, operation_id="ReleaseReminderRun", status_code=200
)
async def release_run(
    request: Request[Any, Any, Any], run_id: FromPath[str], data: JSONBody[RunRelease]
) -> Response[ReminderRun]:
    """Release all that is left in a run, or the notices that are named."""
    changed = await runs.release_run(
        tenant_context(request), run_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post("/reminder-runs/{run_id:str}/cancel", use_case=runs.cancel_run, operation_id="CancelReminderRun", status_code=200)
async def cancel_run(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[ReminderRun]:
    """End a run without releasing what is left; that waits for the next one."""
    changed = await runs.cancel_run(tenant_context(request), run_id, expected_version=expected_version(request))
    return with_etag(changed)


ROUTES = [open_run, list_runs, get_run, list_run_items, run_report, exclude_run_items, release_run, cancel_run]
