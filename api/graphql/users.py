"""Users and the own profile in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.users import NewUserRequest, PasswordChangeFields, SecondFactorCodeFields, UserPatch
from domain.access import own_profile as profile_uses
from domain.access import user_model as domain
from domain.access import users as user_uses

InviteUserInput = input_type(NewUserRequest, "InviteUserInput")
UpdateUserInput = input_type(UserPatch, "UpdateUserInput")
SecondFactorCodeInput = input_type(SecondFactorCodeFields, "SecondFactorCodeInput")
ChangePasswordInput = input_type(PasswordChangeFields, "ChangePasswordInput")


@graph_type(domain.User)
class User:
    """A person who works for a tenant."""


@graph_type(domain.UserInvitation)
class UserInvitation:
    """A user and the link to set a password, which is shown only here."""


@graph_type(domain.SecondFactor)
class SecondFactor:
    """The secret of an authenticator app, which is shown only here."""


@strawberry.type
class UserQuery:
    """Reading users and the own profile."""

    @door(user_uses.get_user, User)
    async def user(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One user."""
        return await user_uses.get_user(info.context.tenant, id)

    @door(user_uses.list_users, Connection[User])
    async def users(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Users, oldest first."""
        page = await user_uses.list_users(info.context.tenant, page_request(first, after, "users"))
        return connection(page, "users", after)

    @door(profile_uses.get_profile, User)
    async def profile(self, info: GraphInfo) -> Any:
        """The user whose token this is."""
        return await profile_uses.get_profile(info.context.tenant)


@strawberry.type
class UserMutation:
    """Changing users and the own profile."""

    @door(user_uses.invite_user, UserInvitation)
    async def invite_user(self, info: GraphInfo, input: InviteUserInput) -> Any:
        """Invite a user; the link is shown only here."""
        return await user_uses.invite_user(info.context.tenant, **given(from_input(NewUserRequest, input)))

    @door(user_uses.update_user, User)
    async def update_user(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateUserInput, expected_version: int | None = None
    ) -> Any:
        """Change a user; another role or limit signs the user out everywhere."""
        changes = given(from_input(UserPatch, input))
        return await user_uses.update_user(info.context.tenant, id, changes, expected_version=expected_version)

    @door(user_uses.disable_user, User)
    async def disable_user(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Shut a user out at once."""
        return await user_uses.disable_user(info.context.tenant, id, expected_version=expected_version)

    @door(user_uses.enable_user, User)
    async def enable_user(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Let a user in again."""
        return await user_uses.enable_user(info.context.tenant, id, expected_version=expected_version)

    @door(user_uses.renew_invitation, UserInvitation)
    async def renew_invitation(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """Make a new link to set a password."""
        return await user_uses.renew_invitation(info.context.tenant, id)

    @door(user_uses.remove_second_factor, User)
    async def remove_second_factor(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Take away the second factor of a user who lost it."""
        return await user_uses.remove_second_factor(info.context.tenant, id, expected_version=expected_version)

    @door(profile_uses.enrol_second_factor, SecondFactor)
    async def enrol_second_factor(self, info: GraphInfo) -> Any:
        """Begin to set up an authenticator app."""
        return await profile_uses.enrol_second_factor(info.context.tenant)

    @door(profile_uses.confirm_second_factor, User)
    async def confirm_second_factor(self, info: GraphInfo, input: SecondFactorCodeInput) -> Any:
        """Switch the second factor on by its first code."""
        code = from_input(SecondFactorCodeFields, input).code
        return await profile_uses.confirm_second_factor(info.context.tenant, code=code)

    @door(profile_uses.drop_second_factor, User)
    async def drop_second_factor(self, info: GraphInfo, input: SecondFactorCodeInput) -> Any:
        """Switch the second factor off by one more code."""
        code = from_input(SecondFactorCodeFields, input).code
        return await profile_uses.drop_second_factor(info.context.tenant, code=code)

    @door(profile_uses.change_password, bool)
    async def change_password(self, info: GraphInfo, input: ChangePasswordInput) -> Any:
        """Set a new password; the user is signed out everywhere."""
        fields = from_input(PasswordChangeFields, input)
        await profile_uses.change_password(info.context.tenant, current=fields.current, new=fields.new)
        return True


NODES = {"usr": user_uses.get_user}
QUERIES = UserQuery
MUTATIONS = UserMutation
