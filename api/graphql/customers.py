"""Customers and contacts in GraphQL."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.customers import ContactPatch, CustomerFields, CustomerPatch, NewContact, NewCustomer
from api.inputs.fields import given
from domain.customers import contacts as contact_uses
from domain.customers import customers as customer_uses
from domain.customers import model as domain

CreateCustomerInput = input_type(NewCustomer, "CreateCustomerInput")
PutCustomerInput = input_type(CustomerFields, "PutCustomerInput")
UpdateCustomerInput = input_type(CustomerPatch, "UpdateCustomerInput")
CreateContactInput = input_type(NewContact, "CreateContactInput")
UpdateContactInput = input_type(ContactPatch, "UpdateContactInput")


@graph_type(domain.InvalidAddress)
class InvalidAddress:
    """A channel on which a contact's address takes no messages."""


@graph_type(domain.Contact)
class Contact:
    """A person or mailbox at a customer."""

    @strawberry.field(
        graphql_type=Annotated["Customer", strawberry.lazy("api.graphql.customers")],
        description="The customer the contact belongs to.",
    )
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customer_uses.customers_by_ids, self.customer_id)


@graph_type(domain.Customer)
class Customer:
    """The party that owes."""

    @strawberry.field(graphql_type=Connection[Contact], description="Whom to remind.")
    async def contacts(self: Any, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """The customer's contacts, oldest first."""
        name = f"contacts:{self.id}"
        page = await contact_uses.list_contacts(info.context.tenant, self.id, page_request(first, after, name))
        return connection(page, name, after)


@strawberry.type
class CustomerQuery:
    """Reading customers."""

    @door(customer_uses.get_customer, Customer)
    async def customer(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One customer."""
        return await customer_uses.get_customer(info.context.tenant, id)

    @door(customer_uses.get_customer_by_external_id, Customer)
    async def customer_by_external_id(self, info: GraphInfo, external_id: str) -> Any:
        """One customer by your own id."""
        return await customer_uses.get_customer_by_external_id(info.context.tenant, external_id)

    @door(customer_uses.list_customers, Connection[Customer])
    async def customers(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        owner_id: strawberry.ID | None = None,
    ) -> Any:
        """Customers, oldest first, all or one owner's."""
        name = "customers" if owner_id is None else f"customers:{owner_id}"
        request = page_request(first, after, name)
        page = await customer_uses.list_customers(info.context.tenant, request, owner_id=owner_id)
        return connection(page, name, after)

    @door(contact_uses.get_contact, Contact)
    async def contact(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One contact."""
        return await contact_uses.get_contact(info.context.tenant, id)

    @door(contact_uses.list_contacts, Connection[Contact])
    async def contacts(
        self, info: GraphInfo, customer_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """A customer's contacts, oldest first."""
        name = f"contacts:{customer_id}"
        page = await contact_uses.list_contacts(info.context.tenant, customer_id, page_request(first, after, name))
        return connection(page, name, after)

    @door(contact_uses.find_contacts, Connection[Contact])
    async def find_contacts(
        self, info: GraphInfo, email: str, first: int | None = None, after: str | None = None
    ) -> Any:
        """The contacts with an e-mail address, oldest first; needs the scope pii:read too."""
        name = f"contacts_at:{email}"
        page = await contact_uses.find_contacts(info.context.tenant, email, page_request(first, after, name))
        return connection(page, name, after)


@strawberry.type
class CustomerMutation:
    """Changing customers."""

    @door(customer_uses.create_customer, Customer)
    async def create_customer(self, info: GraphInfo, input: CreateCustomerInput) -> Any:
        """Register a customer."""
        return await customer_uses.create_customer(info.context.tenant, **given(from_input(NewCustomer, input)))

    @door(customer_uses.put_customer, Customer)
    async def put_customer(
        self, info: GraphInfo, external_id: str, input: PutCustomerInput, expected_version: int | None = None
    ) -> Any:
        """Create or replace the customer with your own id."""
        fields = given(from_input(CustomerFields, input))
        return await customer_uses.put_customer(
            info.context.tenant, external_id, **fields, expected_version=expected_version
        )

    @door(customer_uses.update_customer, Customer)
    async def update_customer(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateCustomerInput, expected_version: int | None = None
    ) -> Any:
        """Change a customer."""
        changes = given(from_input(CustomerPatch, input))
        return await customer_uses.update_customer(info.context.tenant, id, changes, expected_version=expected_version)

    @door(contact_uses.create_contact, Contact)
    async def create_contact(self, info: GraphInfo, customer_id: strawberry.ID, input: CreateContactInput) -> Any:
        """Add a contact to a customer."""
        return await contact_uses.create_contact(
            info.context.tenant, customer_id, **given(from_input(NewContact, input))
        )

    @door(contact_uses.update_contact, Contact)
    async def update_contact(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateContactInput, expected_version: int | None = None
    ) -> Any:
        """Change a contact."""
        changes = given(from_input(ContactPatch, input))
        return await contact_uses.update_contact(info.context.tenant, id, changes, expected_version=expected_version)

    @door(contact_uses.delete_contact, strawberry.ID)
    async def delete_contact(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Remove a contact; answers its id."""
        await contact_uses.delete_contact(info.context.tenant, id, expected_version=expected_version)
        return id


NODES = {"cus": customer_uses.get_customer, "con": contact_uses.get_contact}
QUERIES = CustomerQuery
MUTATIONS = CustomerMutation
