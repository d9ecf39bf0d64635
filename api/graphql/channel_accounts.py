"""Channel accounts in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.tenants import Operation
from api.inputs.channel_accounts import ChannelAccountFields, ChannelAccountPatch, TestMessageFields
from api.inputs.fields import given
from domain.messaging import account_model as domain
from domain.messaging import channel_accounts as uses
from domain.messaging import trial_messages

CreateChannelAccountInput = input_type(ChannelAccountFields, "CreateChannelAccountInput")
UpdateChannelAccountInput = input_type(ChannelAccountPatch, "UpdateChannelAccountInput")
SendTestMessageInput = input_type(TestMessageFields, "SendTestMessageInput")


@graph_type(domain.ChannelAccount)
class ChannelAccount:
    """A tenant's account at a message provider."""


@graph_type(domain.NewChannelAccount)
class NewChannelAccount:
    """A new account, or one with a new callback address, which is shown only here."""


@strawberry.type
class ChannelAccountQuery:
    """Reading channel accounts."""

    @door(uses.get_channel_account, ChannelAccount)
    async def channel_account(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One channel account."""
        return await uses.get_channel_account(info.context.tenant, id)

    @door(uses.list_channel_accounts, Connection[ChannelAccount])
    async def channel_accounts(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Channel accounts, oldest first."""
        name = "channel_accounts"
        page = await uses.list_channel_accounts(info.context.tenant, page_request(first, after, name))
        return connection(page, name, after)


@strawberry.type
class ChannelAccountMutation:
    """Changing channel accounts."""

    @door(uses.create_channel_account, NewChannelAccount)
    async def create_channel_account(self, info: GraphInfo, input: CreateChannelAccountInput) -> Any:
        """Register an account at a message provider; its callback address is shown only here."""
        fields = given(from_input(ChannelAccountFields, input))
        return await uses.create_channel_account(info.context.tenant, **fields)

    @door(uses.update_channel_account, ChannelAccount)
    async def update_channel_account(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateChannelAccountInput, expected_version: int | None = None
    ) -> Any:
        """Change a channel account."""
        changes = given(from_input(ChannelAccountPatch, input))
        return await uses.update_channel_account(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.disable_channel_account, ChannelAccount)
    async def disable_channel_account(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Send nothing through an account any more."""
        return await uses.disable_channel_account(info.context.tenant, id, expected_version=expected_version)

    @door(uses.enable_channel_account, ChannelAccount)
    async def enable_channel_account(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Send through an account again; of each channel one is active."""
        return await uses.enable_channel_account(info.context.tenant, id, expected_version=expected_version)

    @door(uses.renew_callback_url, NewChannelAccount)
    async def renew_callback_url(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Give an account a new callback address, shown only here."""
        return await uses.renew_callback_url(info.context.tenant, id, expected_version=expected_version)

    @door(trial_messages.send_test_message, Operation)
    async def send_test_message(self, info: GraphInfo, id: strawberry.ID, input: SendTestMessageInput) -> Any:
        """Send a test message through an account; the operation's result is the provider's answer."""
        fields = given(from_input(TestMessageFields, input))
        return await trial_messages.send_test_message(info.context.tenant, id, **fields)


NODES = {"cha": uses.get_channel_account}
QUERIES = ChannelAccountQuery
MUTATIONS = ChannelAccountMutation
