"""The OpenAPI document: what Litestar derives from the routes, completed by what it cannot know, and the page that shows it."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import License
from litestar.params import FromPath

from api.inputs.reconciliations import NewReconciliation
from api.problems import MEDIA_TYPE, Problem
from domain.kernel.usecase import CATALOGUE, declared

_ASSETS = Path(__file__).parent / "assets"
_WHY_REFUSED = {
    "400": "A parameter or the JSON is malformed.",
    "401": "No valid access token.",
    "403": "The token lacks the scope.",
    "404": "No such object for this tenant.",
    "409": "The state of things does not allow it.",
    "412": "If-Match names an older version.",
    "413": "The body is too large.",
    "415": "The media type is not accepted.",
    "422": "The input is wrong; `errors` says where.",
    "429": "More requests than the limit; `Retry-After` says when to come again.",
    "500": "A defect on our side.",
}

OPENAPI = OpenAPIConfig(
    title="Dunwell",
    version="1",
    description="Headless receivables and dunning engine. Money is a decimal string with its currency; instants are UTC.",
    license=License(name="Apache-2.0", identifier="Apache-2.0"),
    use_handler_docstrings=True,
    render_plugins=[],
    path="/.litestar-schema",
)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dunwell API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/assets/start.js"></script></body></html>
"""


@get("/docs", media_type=MediaType.HTML, include_in_schema=False)
async def docs() -> Response[str]:
    """Swagger UI, served from here: it works without internet."""
    policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    return Response(_PAGE, media_type=MediaType.HTML, headers={"Content-Security-Policy": policy})


@get("/docs/assets/{name:str}", include_in_schema=False)
async def docs_asset(name: FromPath[str]) -> Response[bytes]:
    """The page's script and style."""
    if name not in {asset.name for asset in _ASSETS.iterdir()}:
        raise NotFoundException
    return Response((_ASSETS / name).read_bytes(), media_type=mimetypes.guess_type(name)[0] or "text/plain")


def openapi_routes() -> list[HTTPRouteHandler]:
    """The document itself and the page that shows it."""
    return [openapi_json, docs, docs_asset]


@get("/openapi.json", include_in_schema=False)
async def openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document: dict[str, Any] = request.app.state.openapi
    return document


def document_of(app: Litestar) -> dict[str, Any]:
    """The derived document, completed: closed bodies, problem answers, security by scope, tags, exact money."""
    # Litestar names a generic's schema after the module of its argument, which is none of a client's business.
    derived = msgspec.json.encode(app.openapi_schema.to_schema()).decode()
    document: dict[str, Any] = msgspec.json.decode(re.sub(r"Listing_[\w.]*\.(\w+)_", r"\1List", derived))
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    # Problems and bodies that a route reads by itself, of which Litestar knows nothing.
    _, further = msgspec.json.schema_components(
        [Problem, NewReconciliation], ref_template="#/components/schemas/{name}"
    )
    schemas.update({name: schema for name, schema in further.items() if name not in schemas})
    for name, schema in schemas.items():
        if _is_input(name) and "properties" in schema:
            schema["additionalProperties"] = False
    schemas.get("Money", {}).get("properties", {})["amount"] = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
    document["components"]["securitySchemes"] = {"oauth2": _oauth2()}
    uses = {handler.operation_id: handler.opt["use_case"] for handler in _handlers(app) if "use_case" in handler.opt}
    for path, item in document["paths"].items():
        for operation in item.values():
            operation["tags"] = [path.removeprefix("/v1/").split("/")[0]]
            operation["security"] = [{"oauth2": [declared(uses[operation["operationId"]]).scope]}]
            operation["responses"].update(_REFUSALS)
    document["tags"] = [{"name": tag} for tag in sorted({op["tags"][0] for op in _operations(document)})]
    return document


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def _handlers(app: Litestar) -> list[HTTPRouteHandler]:
    return [h for route in app.routes for h in getattr(route, "route_handlers", []) if isinstance(h, HTTPRouteHandler)]


def _oauth2() -> dict[str, Any]:
    scopes = {use.scope: f"{use.realm} token" for use in CATALOGUE.values()}
    flow = {"tokenUrl": "/oauth/token", "scopes": dict(sorted(scopes.items()))}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def _is_input(name: str) -> bool:
    return name.endswith(("In", "Fields", "Patch", "Request", "Advance")) or name.startswith("New")


def _refusal(why: str) -> dict[str, Any]:
    return {"description": why, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


_REFUSALS = {status: _refusal(why) for status, why in _WHY_REFUSED.items()}
