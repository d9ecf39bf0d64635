"""/v1/aging and a receivable's balance as of a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from api.authentication import tenant_context
from api.inputs.aging import MOST_DAYS
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request
from domain.customers.model import Grade
from domain.insight import aging, base_currency
from domain.insight.base_currency_model import BaseAgingGroup, BaseCurrencyAging
from domain.insight.model import Aging, AgingFilter, AgingGroup, AgingReceivable, ReceivableBalance

AsOf = Annotated[date | None, QueryParameter(description="At the end of which day; without one, the tenant's today.")]
GroupBy = Annotated[AgingGroup, QueryParameter(description="By what, beside the currency.")]
BaseGroupBy = Annotated[BaseAgingGroup, QueryParameter(description="By what.")]
OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfOwner = Annotated[str | None, QueryParameter(max_length=40, description="Only customers of this owner.")]
OfGrade = Annotated[Grade | None, QueryParameter(description="Only customers of this grade.")]
OfContract = Annotated[str | None, QueryParameter(max_length=200, description="Only of this contract.")]
OfCurrency = Annotated[str | None, QueryParameter(pattern="^[A-Z]{3}$", description="Only in this currency.")]
DaysFrom = Annotated[int | None, QueryParameter(ge=0, le=MOST_DAYS, description="At least so many days overdue.")]
DaysTo = Annotated[int | None, QueryParameter(ge=0, le=MOST_DAYS, description="At most so many; 0 for current ones.")]


@get("/aging", use_case=aging.list_aging, operation_id="ListAging")
async def list_aging(
    request: Request[Any, Any, Any],
    as_of: AsOf = None,
    group_by: GroupBy = "currency",
    customer_id: OfCustomer = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Aging]]:
    """What is owed by days overdue, for each group and currency, as of any day."""
    page = page_request(request, limit, cursor)
    found = await aging.list_aging(
        tenant_context(request), page, as_of=as_of, group_by=group_by, customer_id=customer_id
    )
    return listing(request, found)


@get(
    "/aging/base-currency",
    use_case=base_currency.list_base_currency_aging,
    operation_id="ListBaseCurrencyAging",
)
async def list_base_currency_aging(
    request: Request[Any, Any, Any],
    as_of: AsOf = None,
    group_by: BaseGroupBy = "tenant",
    customer_id: OfCustomer = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[BaseCurrencyAging]]:
    """What is owed by days overdue in the tenant's base currency, by the exchange rates of that day."""
    page = page_request(request, limit, cursor)
    found = await base_currency.list_base_currency_aging(
        tenant_context(request), page, as_of=as_of, group_by=group_by, customer_id=customer_id
    )
    return listing(request, found)


@get("/aging/receivables", use_case=aging.list_aging_receivables, operation_id="ListAgingReceivables")
async def list_aging_receivables(
    request: Request[Any, Any, Any],
    as_of: AsOf = None,
    customer_id: OfCustomer = None,
    owner_id: OfOwner = None,
    grade: OfGrade = None,
    contract_reference: OfContract = None,
    currency: OfCurrency = None,
    days_from: DaysFrom = None,
    days_to: DaysTo = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[AgingReceivable]]:
    """List the receivables that an aging consists of, oldest first, those that match every given filter."""
    wanted = AgingFilter(
        customer_id=customer_id,
        owner_id=owner_id,
        grade=grade,
        contract_reference=contract_reference,
        currency=currency,
        days_from=days_from,
        days_to=days_to,
    )
    page = page_request(request, limit, cursor)
    return listing(
        request, await aging.list_aging_receivables(tenant_context(request), page, as_of=as_of, wanted=wanted)
    )


@get(
    "/receivables/{receivable_id:str}/balance",
    use_case=aging.get_receivable_balance,
    operation_id="GetReceivableBalance",
)
async def get_receivable_balance(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], as_of: AsOf = None
) -> ReceivableBalance:
    """What is open of a receivable as of any day, by what it is."""
    return await aging.get_receivable_balance(tenant_context(request), receivable_id, as_of=as_of)


ROUTES = [list_aging, list_base_currency_aging, list_aging_receivables, get_receivable_balance]
