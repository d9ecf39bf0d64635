"""The contact policy in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.contact_policy import ContactPolicyFields, policy_rules
from domain.messaging import contact_policies as uses
from domain.messaging import contact_policy_model as domain

ContactPolicyInput = input_type(ContactPolicyFields, "ContactPolicyInput")


@graph_type(domain.ContactHours)
class ContactHours:
    """Hours of some weekdays in which contact is allowed, on the contact's clock."""


@graph_type(domain.BlackoutDates)
class BlackoutDates:
    """Days without contact, the first and the last included."""


@graph_type(domain.ContactCap)
class ContactCap:
    """At most so many notices in any so many days."""


@graph_type(domain.ContactPolicy)
class ContactPolicy:
    """When, how often and through what customers may be contacted."""


@graph_type(domain.ContactPolicyPreset)
class ContactPolicyPreset:
    """A policy that follows the rules of a jurisdiction."""


@strawberry.type
class ContactPolicyQuery:
    """Reading the contact policy."""

    @door(uses.get_contact_policy, ContactPolicy)
    async def contact_policy(self, info: GraphInfo) -> Any:
        """The tenant's policy; version 0 if nothing was ever set."""
        return await uses.get_contact_policy(info.context.tenant)

    @door(uses.list_contact_policy_presets, Connection[ContactPolicyPreset])
    async def contact_policy_presets(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """The policies that come with Dunwell, each with its jurisdiction, whom it binds and where it stands."""
        name = "contact_policy_presets"
        page = await uses.list_contact_policy_presets(info.context.tenant, page_request(first, after, name))
        return connection(page, name, after, lambda preset: str(preset.key))


@strawberry.type
class ContactPolicyMutation:
    """Changing the contact policy."""

    @door(uses.put_contact_policy, ContactPolicy)
    async def put_contact_policy(
        self, info: GraphInfo, input: ContactPolicyInput, expected_version: int | None = None
    ) -> Any:
        """Replace the whole policy, from a preset or from nothing; what waits is looked at again by the new rules."""
        told = policy_rules(from_input(ContactPolicyFields, input))
        return await uses.put_contact_policy(info.context.tenant, **told, expected_version=expected_version)


NODES: dict[str, Any] = {}
QUERIES = ContactPolicyQuery
MUTATIONS = ContactPolicyMutation
