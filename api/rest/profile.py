"""/v1/profile: a signed-in user for themselves."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.params import JSONBody

from api.authentication import tenant_context
from api.inputs.users import PasswordChangeFields, SecondFactorCodeFields
from api.rest.answers import created, with_etag
from domain.access import own_profile
from domain.access.user_model import SecondFactor, User


@get("/profile", use_case=own_profile.get_profile, operation_id="GetProfile")
async def get_profile(request: Request[Any, Any, Any]) -> Response[User]:
    """Read the user whose token this is."""
    return with_etag(await own_profile.get_profile(tenant_context(request)))


@post("/profile/second-factor", use_case=own_profile.enrol_second_factor, operation_id="EnrolSecondFactor")
async def enrol_second_factor(request: Request[Any, Any, Any]) -> Response[SecondFactor]:
    """Begin to set up an authenticator app; the secret is shown only here."""
    return created(await own_profile.enrol_second_factor(tenant_context(request)))


@post(
    "/profile/second-factor/confirm",
    use_case=own_profile.confirm_second_factor,
    operation_id="ConfirmSecondFactor",
    status_code=200,
)
async def confirm_second_factor(
    request: Request[Any, Any, Any], data: JSONBody[SecondFactorCodeFields]
) -> Response[User]:
    """Switch the second factor on by its first code."""
    return with_etag(await own_profile.confirm_second_factor(tenant_context(request), code=data.code))


@delete(
    "/profile/second-factor",
    use_case=own_profile.drop_second_factor,
    operation_id="DropSecondFactor",
    status_code=200,
)
async def drop_second_factor(request: Request[Any, Any, Any], data: JSONBody[SecondFactorCodeFields]) -> Response[User]:
    """Switch the second factor off by one more code."""
    return with_etag(await own_profile.drop_second_factor(tenant_context(request), code=data.code))


@post("/profile/password", use_case=own_profile.change_password, operation_id="ChangePassword", status_code=204)
async def change_password(request: Request[Any, Any, Any], data: JSONBody[PasswordChangeFields]) -> None:
    """Set a new password; the user is signed out everywhere."""
    await own_profile.change_password(tenant_context(request), current=data.current, new=data.new)


ROUTES = [get_profile, enrol_second_factor, confirm_second_factor, drop_second_factor, change_password]
