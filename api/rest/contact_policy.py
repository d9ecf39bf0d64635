"""/v1/contact-policy and the presets for it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, put
from litestar.params import JSONBody

from api.authentication import tenant_context
from api.inputs.contact_policy import ContactPolicyFields, policy_rules
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, expected_version, listing, page_request, with_etag
from domain.messaging import contact_policies
from domain.messaging.contact_policy_model import ContactPolicy, ContactPolicyPreset


@get("/contact-policy", use_case=contact_policies.get_contact_policy, operation_id="GetContactPolicy")
async def get_contact_policy(request: Request[Any, Any, Any]) -> Response[ContactPolicy]:
    """When, how often and through what customers may be contacted; version 0 if nothing was ever set."""
    return with_etag(await contact_policies.get_contact_policy(tenant_context(request)))


@put("/contact-policy", use_case=contact_policies.put_contact_policy, operation_id="PutContactPolicy")
async def put_contact_policy(
    request: Request[Any, Any, Any], data: JSONBody[ContactPolicyFields]
) -> Response[ContactPolicy]:
    """Replace the whole policy, from a preset or from nothing; what waits is looked at again by the new rules."""
    changed = await contact_policies.put_contact_policy(
        tenant_context(request), **policy_rules(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@get(
    "/contact-policy-presets",
    use_case=contact_policies.list_contact_policy_presets,
    operation_id="ListContactPolicyPresets",
)
async def list_contact_policy_presets(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[ContactPolicyPreset]]:
    """List the policies that come with Dunwell, each with its jurisdiction, whom it binds and where it stands."""
    page = page_request(request, limit, cursor)
    return listing(request, await contact_policies.list_contact_policy_presets(tenant_context(request), page))


ROUTES = [get_contact_policy, put_contact_policy, list_contact_policy_presets]
