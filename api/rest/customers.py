"""/v1/customers and /v1/contacts."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.customers import ContactPatch, CustomerFields, CustomerPatch, NewContact, NewCustomer
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
from api.rest.external_ids import external_id_of
from domain.customers import contacts, customers
from domain.customers.model import Contact, Customer
from domain.segments.matching import InSegment

Email = Annotated[str, QueryParameter(max_length=254, description="The whole address; upper and lower case are alike.")]
OfOwner = Annotated[str | None, QueryParameter(max_length=40, description="Only customers of this user.")]
OfSegment = Annotated[
    str | None,
    QueryParameter(
        max_length=40, description="Only customers that are in this segment now; needs the scope segments:read too."
    ),
]


@post("/customers", use_case=customers.create_customer, operation_id="CreateCustomer")
async def create_customer(request: Request[Any, Any, Any], data: JSONBody[NewCustomer]) -> Response[Customer]:
    """Register a customer."""
    return created(await customers.create_customer(tenant_context(request), **given(data)))


@get("/customers", use_case=customers.list_customers, operation_id="ListCustomers")
async def list_customers(
    request: Request[Any, Any, Any],
    owner_id: OfOwner = None,
    segment_id: OfSegment = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Customer]]:
    """List customers, oldest first: all, one owner's, a segment's."""
    page = page_request(request, limit, cursor)
    among = InSegment(segment_id) if segment_id else None
    found = await customers.list_customers(tenant_context(request), page, owner_id=owner_id, among=among)
    return listing(request, found)


@get("/customers/{customer_id:str}", use_case=customers.get_customer, operation_id="GetCustomer")
async def get_customer(request: Request[Any, Any, Any], customer_id: FromPath[str]) -> Response[Customer]:
    """Read a customer."""
    return with_etag(await customers.get_customer(tenant_context(request), customer_id))


@patch("/customers/{customer_id:str}", use_case=customers.update_customer, operation_id="UpdateCustomer")
async def update_customer(
    request: Request[Any, Any, Any], customer_id: FromPath[str], data: JSONBody[CustomerPatch]
) -> Response[Customer]:
    """Change a customer."""
    changed = await customers.update_customer(
        tenant_context(request), customer_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@get(
    "/customers/external/{external_id:path}",
    use_case=customers.get_customer_by_external_id,
    operation_id="GetCustomerByExternalId",
)
async def get_customer_by_external_id(
    request: Request[Any, Any, Any], external_id: FromPath[str]
) -> Response[Customer]:
    """Read a customer by your own id."""
    return with_etag(await customers.get_customer_by_external_id(tenant_context(request), external_id_of(request)))


@put("/customers/external/{external_id:path}", use_case=customers.put_customer, operation_id="PutCustomer")
async def put_customer(
    request: Request[Any, Any, Any], external_id: FromPath[str], data: JSONBody[CustomerFields]
) -> Response[Customer]:
    """Create or replace the customer with your own id."""
    customer = await customers.put_customer(
        tenant_context(request), external_id_of(request), **given(data), expected_version=expected_version(request)
    )
    return with_etag(customer)


@post("/customers/{customer_id:str}/contacts", use_case=contacts.create_contact, operation_id="CreateContact")
async def create_contact(
    request: Request[Any, Any, Any], customer_id: FromPath[str], data: JSONBody[NewContact]
) -> Response[Contact]:
    """Add a contact to a customer."""
    return created(await contacts.create_contact(tenant_context(request), customer_id, **given(data)))


@get("/customers/{customer_id:str}/contacts", use_case=contacts.list_contacts, operation_id="ListContacts")
async def list_contacts(
    request: Request[Any, Any, Any], customer_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Contact]]:
    """List a customer's contacts, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await contacts.list_contacts(tenant_context(request), customer_id, page))


@get("/contacts", use_case=contacts.find_contacts, operation_id="FindContacts")
async def find_contacts(
    request: Request[Any, Any, Any], email: Email, limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Contact]]:
    """Find the contacts with an e-mail address, oldest first; needs the scope pii:read too."""
    page = page_request(request, limit, cursor)
    return listing(request, await contacts.find_contacts(tenant_context(request), email, page))


@get("/contacts/{contact_id:str}", use_case=contacts.get_contact, operation_id="GetContact")
async def get_contact(request: Request[Any, Any, Any], contact_id: FromPath[str]) -> Response[Contact]:
    """Read a contact."""
    return with_etag(await contacts.get_contact(tenant_context(request), contact_id))


@patch("/contacts/{contact_id:str}", use_case=contacts.update_contact, operation_id="UpdateContact")
async def update_contact(
    request: Request[Any, Any, Any], contact_id: FromPath[str], data: JSONBody[ContactPatch]
) -> Response[Contact]:
    """Change a contact."""
    changed = await contacts.update_contact(
        tenant_context(request), contact_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@delete("/contacts/{contact_id:str}", use_case=contacts.delete_contact, operation_id="DeleteContact")
async def delete_contact(request: Request[Any, Any, Any], contact_id: FromPath[str]) -> None:
    """Remove a contact."""
    await contacts.delete_contact(tenant_context(request), contact_id, expected_version=expected_version(request))


ROUTES = [
    create_customer,
    list_customers,
    get_customer,
    update_customer,
    get_customer_by_external_id,
    put_customer,
    create_contact,
    list_contacts,
    find_contacts,
    get_contact,
    update_contact,
    delete_contact,
]
