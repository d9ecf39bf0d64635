"""/v1/customers/{id}/reconciliations, /v1/reconciliations and /v1/reconciliation-items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, Reference, RequestBody, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given, validated
from api.inputs.reconciliations import (
    NewReconciliation,
    ReconciliationItemPatch,
    listed,
    listed_in_csv,
)
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
from domain.reconciliation import reconciliations
from domain.reconciliation.model import (
    DifferenceState,
    ItemFilter,
    Reconciliation,
    ReconciliationItem,
    ReconciliationState,
)
from domain.reconciliation.rules.matching import ItemKind

_LARGEST = 10_000_000
_JSON, _CSV = "application/json", "text/csv"
_ONLY_CSV = "Of a CSV, which cannot say it itself."

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfOwner = Annotated[str | None, QueryParameter(max_length=40, description="Only this user's.")]
OfKind = Annotated[ItemKind | None, QueryParameter(description="Only of this kind.")]
AsOf = Annotated[date | None, QueryParameter(description=f"At the end of which day. {_ONLY_CSV}")]
InCurrency = Annotated[str | None, QueryParameter(pattern="^[A-Z]{3}$", description=f"In which currency. {_ONLY_CSV}")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[ReconciliationState | None, QueryParameter(name="state", description="Only those in this state.")]
ItemState = Annotated[DifferenceState | None, QueryParameter(name="state", description="Only those in this state.")]


@dataclass
class ListUpload(OpenAPIOperation):
    """The operation's body, which may be of two media types and is read by the route itself."""

    def __post_init__(self) -> None:
        json = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/NewReconciliation"))
        text = OpenAPIMediaType(schema=Schema(type="string"))  # type: ignore[arg-type]
        self.request_body = RequestBody(
            content={_JSON: json, _CSV: text},
            required=True,
            description="JSON, or CSV in UTF-8 or GB18030 with the columns number, amount, and if they like due_on, issued_on and"
            " reference; up to 10,000 lines.",
        )


@post(
    "/customers/{customer_id:str}/reconciliations",
    use_case=reconciliations.create_reconciliation,
    operation_id="CreateReconciliation",
    operation_class=ListUpload,
    request_max_body_size=_LARGEST,
)
async def create_reconciliation(
    request: Request[Any, Any, Any], customer_id: FromPath[str], as_of: AsOf = None, currency: InCurrency = None
) -> Response[Reconciliation]:
    """Send the customer's own list of open items and have it compared with ours, line by line."""
    media_type, parameters = request.content_type
    if media_type == _CSV:
        day = as_of.isoformat() if as_of else None
        told = listed_in_csv(await request.body(), parameters.get("charset"), as_of=day, currency=currency)
    elif media_type == _JSON:
        told = listed(_from_json(await request.body()))
    else:
        raise HTTPException(f"Content-Type is {_JSON} or {_CSV}.", status_code=415)
    return created(await reconciliations.create_reconciliation(tenant_context(request), customer_id, **told))


@get("/reconciliations", use_case=reconciliations.list_reconciliations, operation_id="ListReconciliations")
async def list_reconciliations(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    in_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Reconciliation]]:
    """List reconciliations, oldest first."""
    page = page_request(request, limit, cursor)
    found = await reconciliations.list_reconciliations(
        tenant_context(request), page, customer_id=customer_id, state=in_state
    )
    return listing(request, found)


@get(
    "/reconciliations/{reconciliation_id:str}",
    use_case=reconciliations.get_reconciliation,
    operation_id="GetReconciliation",
)
async def get_reconciliation(
    request: Request[Any, Any, Any], reconciliation_id: FromPath[str]
) -> Response[Reconciliation]:
    """Read a reconciliation: its totals, and how much is left to be resolved."""
    return with_etag(await reconciliations.get_reconciliation(tenant_context(request), reconciliation_id))


@get(
    "/reconciliations/{reconciliation_id:str}/items",
    use_case=reconciliations.list_reconciliation_items,
    operation_id="ListReconciliationItems",
)
async def list_reconciliation_items(
    request: Request[Any, Any, Any],
    reconciliation_id: FromPath[str],
    kind: OfKind = None,
    in_state: ItemState = None,
    owner_id: OfOwner = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[ReconciliationItem]]:
    """List what was found: the lines of the customer's list in their order, then what they do not list."""
    page = page_request(request, limit, cursor)
    wanted = ItemFilter(kind=kind, state=in_state, owner_id=owner_id)
    found = await reconciliations.list_reconciliation_items(tenant_context(request), reconciliation_id, page, wanted)
    return listing(request, found)


@get(
    "/reconciliation-items/{item_id:str}",
    use_case=reconciliations.get_reconciliation_item,
    operation_id="GetReconciliationItem",
)
async def get_reconciliation_item(
    request: Request[Any, Any, Any], item_id: FromPath[str]
) -> Response[ReconciliationItem]:
    """Read one line of a reconciliation."""
    return with_etag(await reconciliations.get_reconciliation_item(tenant_context(request), item_id))


@patch(
    "/reconciliation-items/{item_id:str}",
    use_case=reconciliations.update_reconciliation_item,
    operation_id="UpdateReconciliationItem",
)
async def update_reconciliation_item(
    request: Request[Any, Any, Any], item_id: FromPath[str], data: JSONBody[ReconciliationItemPatch]
) -> Response[ReconciliationItem]:
    """Say who looks after a difference, how far it is, and how it was resolved."""
    changed = await reconciliations.update_reconciliation_item(
        tenant_context(request), item_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


def _from_json(body: bytes) -> NewReconciliation:
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError as malformed:
        raise HTTPException(f"The body is not JSON: {malformed}.", status_code=400) from malformed
    return validated(NewReconciliation, told)


ROUTES = [
    create_reconciliation,
    list_reconciliations,
    get_reconciliation,
    list_reconciliation_items,
    get_reconciliation_item,
    update_reconciliation_item,
]
