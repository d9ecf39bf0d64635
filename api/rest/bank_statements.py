"""/v1/bank-statements and /v1/bank-statement-lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, RequestBody
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.bank_statements import LineAcceptance, LineIgnored, accepted
from api.inputs.imports import mapping_from
from api.rest import answers
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, expected_version, listing, page_request, with_etag
from domain.banking import accepting, deciding, statements, uploading
from domain.banking.model import BankStatement, BankStatementLine, LineState, StatementFormat
from domain.operations.model import Operation

_FORMATS: dict[str, StatementFormat] = {
    "text/csv": "csv",
    "application/xml": "camt053",
    "text/xml": "camt053",
    "application/x-mt940": "mt940",
}
Format = Annotated[
    StatementFormat | None, QueryParameter(description="Of the file, where its media type does not tell.")
]
Mapping = Annotated[
    str | None,
    QueryParameter(
        max_length=5000,  # in any script, percent-encoded, still a request line that servers read
        description='JSON, for CSV: `{"account": "...", "currency": "CNY", "date_format": "YYYY-MM-DD", "columns": {our field:'
        " their header}}`.",
    ),
]
OfStatement = Annotated[str | None, QueryParameter(max_length=40, description="Only lines of this statement.")]
InState = Annotated[LineState | None, QueryParameter(name="state", description="Only lines in this state.")]


@dataclass
class StatementUpload(OpenAPIOperation):
    """The operation's body, which no parameter declares since it is streamed."""

    def __post_init__(self) -> None:
        content = {
            media_type: OpenAPIMediaType() for media_type in (*_FORMATS, "text/plain", "application/octet-stream")
        }
        self.request_body = RequestBody(content=content, required=True, description="A file of up to 100 MB.")


@post(
    "/bank-statements",
    use_case=uploading.upload_bank_statement,
    operation_id="UploadBankStatement",
    operation_class=StatementUpload,
    status_code=202,
)
async def upload_bank_statement(
    request: Request[Any, Any, Any], format: Format = None, mapping: Mapping = None
) -> Response[Operation]:
    """Send a file of bank statements; a worker reads it and matches its lines with what is owed."""
    media_type, parameters = request.content_type
    told = format or _FORMATS.get(media_type)
    if told is None:
        raise HTTPException("Say ?format=mt940, camt053 or csv.", status_code=415)
    operation = await uploading.upload_bank_statement(
        tenant_context(request),
        format=told,
        chunks=request.stream(),
        charset=parameters.get("charset"),
        mapping=mapping_from(mapping),
    )
    return answers.accepted(operation)


@get("/bank-statements", use_case=statements.list_bank_statements, operation_id="ListBankStatements")
async def list_bank_statements(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[BankStatement]]:
    """List bank statements, oldest upload first."""
    page = page_request(request, limit, cursor)
    return listing(request, await statements.list_bank_statements(tenant_context(request), page))


@get("/bank-statements/{statement_id:str}", use_case=statements.get_bank_statement, operation_id="GetBankStatement")
async def get_bank_statement(request: Request[Any, Any, Any], statement_id: FromPath[str]) -> BankStatement:
    """Read a bank statement."""
    return await statements.get_bank_statement(tenant_context(request), statement_id)


@get("/bank-statement-lines", use_case=statements.list_bank_statement_lines, operation_id="ListBankStatementLines")
async def list_bank_statement_lines(
    request: Request[Any, Any, Any],
    statement_id: OfStatement = None,
    in_state: InState = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[BankStatementLine]]:
    """List lines of bank statements with what is suggested for each."""
    page = page_request(request, limit, cursor)
    found = await statements.list_bank_statement_lines(
        tenant_context(request), page, statement_id=statement_id, state=in_state
    )
    return listing(request, found)


@get(
    "/bank-statement-lines/{line_id:str}",
    use_case=statements.get_bank_statement_line,
    operation_id="GetBankStatementLine",
)
async def get_bank_statement_line(
    request: Request[Any, Any, Any], line_id: FromPath[str]
) -> Response[BankStatementLine]:
    """Read a line and what is suggested for it."""
    return with_etag(await statements.get_bank_statement_line(tenant_context(request), line_id))


@post(
    "/bank-statement-lines/{line_id:str}/accept",
    use_case=deciding.accept_bank_statement_line,
    operation_id="AcceptBankStatementLine",
    status_code=200,
)
async def accept_bank_statement_line(
    request: Request[Any, Any, Any], line_id: FromPath[str], data: JSONBody[LineAcceptance]
) -> Response[BankStatementLine]:
    """Record a line as a payment, as proposed or as you say."""
    changed = await deciding.accept_bank_statement_line(
        tenant_context(request), line_id, **accepted(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/bank-statement-lines/{line_id:str}/ignore",
    use_case=deciding.ignore_bank_statement_line,
    operation_id="IgnoreBankStatementLine",
    status_code=200,
)
async def ignore_bank_statement_line(
    request: Request[Any, Any, Any], line_id: FromPath[str], data: JSONBody[LineIgnored]
) -> Response[BankStatementLine]:
    """Say that a line is no payment of a customer."""
    changed = await deciding.ignore_bank_statement_line(
        tenant_context(request), line_id, reason=data.reason, expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/bank-statement-lines/{line_id:str}/match",
    use_case=deciding.match_bank_statement_line,
    operation_id="MatchBankStatementLine",
    status_code=200,
)
async def match_bank_statement_line(
    request: Request[Any, Any, Any], line_id: FromPath[str]
) -> Response[BankStatementLine]:
    """Look again for what a line pays, for example once its invoice is there."""
    changed = await deciding.match_bank_statement_line(
        tenant_context(request), line_id, expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/bank-statements/{statement_id:str}/accept-proposed",
    use_case=accepting.accept_proposed_lines,
    operation_id="AcceptProposedLines",
    status_code=202,
)
async def accept_proposed_lines(request: Request[Any, Any, Any], statement_id: FromPath[str]) -> Response[Operation]:
    """Accept every line of a statement that is proposed; the operation tells which could not be."""
    return answers.accepted(await accepting.accept_proposed_lines(tenant_context(request), statement_id))


ROUTES = [
    upload_bank_statement,
    list_bank_statements,
    get_bank_statement,
    list_bank_statement_lines,
    get_bank_statement_line,
    accept_bank_statement_line,
    ignore_bank_statement_line,
    match_bank_statement_line,
    accept_proposed_lines,
]
