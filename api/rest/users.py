"""/v1/users: the people who work for a tenant."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.users import NewUserRequest, UserPatch
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
from domain.access import users
from domain.access.user_model import User, UserInvitation


@post("/users", use_case=users.invite_user, operation_id="InviteUser")
async def invite_user(request: Request[Any, Any, Any], data: JSONBody[NewUserRequest]) -> Response[UserInvitation]:
    """Invite a user; the link to set a password is shown only here and expires in seven days."""
    return created(await users.invite_user(tenant_context(request), **given(data)))


@get("/users", use_case=users.list_users, operation_id="ListUsers")
async def list_users(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[User]]:
    """List users, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await users.list_users(tenant_context(request), page))


@get("/users/{user_id:str}", use_case=users.get_user, operation_id="GetUser")
async def get_user(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[User]:
    """Read a user."""
    return with_etag(await users.get_user(tenant_context(request), user_id))


@patch("/users/{user_id:str}", use_case=users.update_user, operation_id="UpdateUser")
async def update_user(
    request: Request[Any, Any, Any], user_id: FromPath[str], data: JSONBody[UserPatch]
) -> Response[User]:
    """Change a user; another role or limit signs the user out everywhere."""
    changed = await users.update_user(
        tenant_context(request), user_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post("/users/{user_id:str}/disable", use_case=users.disable_user, operation_id="DisableUser", status_code=200)
async def disable_user(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[User]:
    """Shut a user out at once."""
    version = expected_version(request)
    return with_etag(await users.disable_user(tenant_context(request), user_id, expected_version=version))


@post("/users/{user_id:str}/enable", use_case=users.enable_user, operation_id="EnableUser", status_code=200)
async def enable_user(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[User]:
    """Let a user in again."""
    version = expected_version(request)
    return with_etag(await users.enable_user(tenant_context(request), user_id, expected_version=version))


@post("/users/{user_id:str}/invitation", use_case=users.renew_invitation, operation_id="RenewInvitation")
async def renew_invitation(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[UserInvitation]:
    """Make a new link to set a password, also when it was forgotten; it is shown only here."""
    return created(await users.renew_invitation(tenant_context(request), user_id))


@delete(
    "/users/{user_id:str}/second-factor",
    use_case=users.remove_second_factor,
    operation_id="RemoveSecondFactor",
    status_code=200,
)
async def remove_second_factor(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[User]:
    """Take away the second factor of a user who lost it."""
    version = expected_version(request)
    return with_etag(await users.remove_second_factor(tenant_context(request), user_id, expected_version=version))


ROUTES = [
    invite_user,
    list_users,
    get_user,
    update_user,
    disable_user,
    enable_user,
    renew_invitation,
    remove_second_factor,
]
