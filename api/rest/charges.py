"""/v1/charge-rules, /v1/charge-rule-packs and /v1/charges."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.charges import (
    ChargeWaiverRequest,
    NewCharge,
    NewChargeRule,
    RuleChargeRequest,
    charge_of,
    rule_of,
)
from api.inputs.fields import given
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
from domain.ledger import charge_rules, charges
from domain.ledger.charge_model import Charge, ChargePreview, ChargeRule, RulePack

OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]
RuleId = Annotated[str, QueryParameter(max_length=40, description="By which rule.")]
AsOf = Annotated[date | None, QueryParameter(description="Up to which day; today without one.")]


@post("/charge-rules", use_case=charge_rules.create_charge_rule, operation_id="CreateChargeRule")
async def create_charge_rule(request: Request[Any, Any, Any], data: JSONBody[NewChargeRule]) -> Response[ChargeRule]:
    """Register how you charge for being paid late."""
    return created(await charge_rules.create_charge_rule(tenant_context(request), **rule_of(data)))


@get("/charge-rules", use_case=charge_rules.list_charge_rules, operation_id="ListChargeRules")
async def list_charge_rules(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[ChargeRule]]:
    """List charge rules, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await charge_rules.list_charge_rules(tenant_context(request), page))


@get("/charge-rules/{rule_id:str}", use_case=charge_rules.get_charge_rule, operation_id="GetChargeRule")
async def get_charge_rule(request: Request[Any, Any, Any], rule_id: FromPath[str]) -> Response[ChargeRule]:
    """Read a charge rule."""
    return with_etag(await charge_rules.get_charge_rule(tenant_context(request), rule_id))


@post(
    "/charge-rules/{rule_id:str}/archive",
    use_case=charge_rules.archive_charge_rule,
    operation_id="ArchiveChargeRule",
    status_code=200,
)
async def archive_charge_rule(request: Request[Any, Any, Any], rule_id: FromPath[str]) -> Response[ChargeRule]:
    """End the use of a charge rule; what it charged stays."""
    archived = await charge_rules.archive_charge_rule(
        tenant_context(request), rule_id, expected_version=expected_version(request)
    )
    return with_etag(archived)


@get("/charge-rule-packs", use_case=charge_rules.list_rule_packs, operation_id="ListRulePacks")
async def list_rule_packs(request: Request[Any, Any, Any]) -> list[RulePack]:
    """Shipped examples of charge rules with their sources; check before you use one."""
    return await charge_rules.list_rule_packs(tenant_context(request))


@get("/receivables/{receivable_id:str}/charge-preview", use_case=charges.preview_charge, operation_id="PreviewCharge")
async def preview_charge(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], rule_id: RuleId, as_of: AsOf = None
) -> ChargePreview:
    """What a rule comes to for a receivable on a day, and how."""
    return await charges.preview_charge(tenant_context(request), receivable_id, rule_id=rule_id, as_of=as_of)


@post("/receivables/{receivable_id:str}/rule-charges", use_case=charges.charge_by_rule, operation_id="ChargeByRule")
async def charge_by_rule(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[RuleChargeRequest]
) -> Response[Charge]:
    """Add what a rule comes to, less what it has charged before."""
    return created(await charges.charge_by_rule(tenant_context(request), receivable_id, **given(data)))


@post("/receivables/{receivable_id:str}/charges", use_case=charges.add_charge, operation_id="AddCharge")
async def add_charge(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[NewCharge]
) -> Response[Charge]:
    """Add a charge by hand."""
    return created(await charges.add_charge(tenant_context(request), receivable_id, **charge_of(data)))


@get("/charges", use_case=charges.list_charges, operation_id="ListCharges")
async def list_charges(
    request: Request[Any, Any, Any], receivable_id: OfReceivable = None, limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Charge]]:
    """List charges, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await charges.list_charges(tenant_context(request), page, receivable_id=receivable_id))


@get("/charges/{charge_id:str}", use_case=charges.get_charge, operation_id="GetCharge")
async def get_charge(request: Request[Any, Any, Any], charge_id: FromPath[str]) -> Response[Charge]:
    """Read a charge."""
    return with_etag(await charges.get_charge(tenant_context(request), charge_id))


@post("/charges/{charge_id:str}/waive", use_case=charges.waive_charge, operation_id="WaiveCharge", status_code=200)
async def waive_charge(
    request: Request[Any, Any, Any], charge_id: FromPath[str], data: JSONBody[ChargeWaiverRequest]
) -> Response[Charge]:
    """Give a charge up, whole or in part, as far as nobody has paid it."""
    changed = await charges.waive_charge(
        tenant_context(request), charge_id, **charge_of(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


ROUTES = [
    create_charge_rule,
    list_charge_rules,
    get_charge_rule,
    archive_charge_rule,
    list_rule_packs,
    preview_charge,
    charge_by_rule,
    add_charge,
    list_charges,
    get_charge,
    waive_charge,
]
