"""/v1/customers/{id}/statement: as JSON, CSV or PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Annotated, Any, Literal, cast

import anyio
import anyio.to_thread
from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Reference, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from api.authentication import tenant_context
from api.problems import MEDIA_TYPE
from api.rest.aging import AsOf, OfCurrency
from domain.insight import statements
from domain.insight.statement_csv import statement_file
from domain.insight.statement_model import Statement
from domain.insight.statement_pdf import rendered

Format = Literal["json", "csv", "pdf"]
_MEDIA_TYPES: dict[Format, str] = {"json": "application/json", "csv": "text/csv", "pdf": "application/pdf"}
_FORMATS = {media_type: name for name, media_type in _MEDIA_TYPES.items()}
# Pages are made by the processor: more at once would only slow down everything else.
_LIMITER = anyio.CapacityLimiter(2)
_PIECE = 65_536

FromOn = Annotated[
    date | None,
    QueryParameter(
        name="from", description="Since the beginning of which day: what happened, instead of what is open."
    ),
]
AsFormat = Annotated[Format | None, QueryParameter(name="format", description="Instead of the header Accept.")]
Bom = Annotated[bool, QueryParameter(description="Whether a CSV begins with the mark that Excel needs for Chinese.")]


@dataclass
class StatementOperation(OpenAPIOperation):
    """The forms that no return type declares."""

    def __post_init__(self) -> None:
        responses = self.responses = dict(self.responses or {})
        answer = cast(OpenAPIResponse, responses["200"])
        answer.content = {
            **(answer.content or {}),
            "text/csv": OpenAPIMediaType(schema=Schema(type="string")),  # type: ignore[arg-type]
            "application/pdf": OpenAPIMediaType(schema=Schema(type="string", format="binary")),  # type: ignore[arg-type]
        }
        problem = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))
        responses["406"] = OpenAPIResponse(
            description="`Accept` names none of the media types that this answers.", content={MEDIA_TYPE: problem}
        )


@get(
    "/customers/{customer_id:str}/statement",
    use_case=statements.get_statement,
    operation_id="GetStatement",
    operation_class=StatementOperation,
)
async def get_statement(
    request: Request[Any, Any, Any],
    customer_id: FromPath[str],
    as_of: AsOf = None,
    from_on: FromOn = None,
    currency: OfCurrency = None,
    as_format: AsFormat = None,
    bom: Bom = True,
) -> Response[Statement]:
    """A customer's statement of account: what is open at the end of a day, or, with `from`, what happened in a period.

    `Accept` (or `format`) chooses JSON, CSV or PDF. JSON and PDF have at most 5,000 lines; CSV has as many as there are.
    """
    wanted = as_format or _accepted(request)
    ctx = tenant_context(request)
    if wanted == "csv":
        told, file = await statement_file(ctx, customer_id, as_of=as_of, from_on=from_on, currency=currency, bom=bom)
        return cast(Response[Statement], Stream(_pieces(file), headers=_headers(told, "csv"), media_type="text/csv"))
    statement = await statements.get_statement(ctx, customer_id, as_of=as_of, from_on=from_on, currency=currency)
    if wanted == "json":
        return Response(statement, headers={"Vary": "Accept"})
    content = await anyio.to_thread.run_sync(rendered, statement, limiter=_LIMITER)
    return Response(content, headers=_headers(statement, "pdf"), media_type="application/pdf")  # type: ignore[arg-type]


def _accepted(request: Request[Any, Any, Any]) -> Format:
    found = request.accept.best_match(list(_FORMATS))
    if found is None:
        raise HTTPException(f"This answers {', '.join(_FORMATS)}.", status_code=406)
    return _FORMATS[found]


def _headers(statement: Statement, ending: Format) -> dict[str, str]:
    """The name holds nothing but an id and days, so it is safe in a header and on every disk."""
    since = f"{statement.from_on}_" if statement.from_on else ""
    name = f"statement_{statement.customer_id}_{since}{statement.as_of}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


ROUTES = [get_statement]
