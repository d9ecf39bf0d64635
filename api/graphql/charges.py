"""Charges and charge rules in GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.charges import (
    ChargeWaiverRequest,
    NewCharge,
    NewChargeRule,
    RuleChargeRequest,
    charge_of,
    rule_of,
)
from api.inputs.fields import given
from domain.ledger import charge_model as domain
from domain.ledger import charge_rules as rule_uses
from domain.ledger import charges as uses
from domain.ledger import receivables as receivable_uses
from domain.ledger.rules import charging, late_interest

CreateChargeRuleInput = input_type(NewChargeRule, "CreateChargeRuleInput")
ChargeByRuleInput = input_type(RuleChargeRequest, "ChargeByRuleInput")
AddChargeInput = input_type(NewCharge, "AddChargeInput")
WaiveChargeInput = input_type(ChargeWaiverRequest, "WaiveChargeInput")


@graph_type(late_interest.BaseRate)
class BaseRate:
    """A published reference rate a year and the first day on which it holds."""


@graph_type(late_interest.InterestRule)
class LateInterest:
    """How late interest accrues."""


@graph_type(charging.Tier)
class ChargeTier:
    """The amount for a debt below a size."""


@graph_type(charging.FixedCharge)
class FixedCharge:
    """A fee or compensation that is charged once."""


@graph_type(charging.ChargeTerms)
class ChargeTerms:
    """Exactly one of the two."""


@graph_type(domain.ChargeRule)
class ChargeRule:
    """How a tenant charges for being paid late."""


@graph_type(domain.RulePack)
class ChargeRulePack:
    """A shipped example of a charge rule with its source."""


@graph_type(domain.Charge)
class Charge:
    """An amount added to a receivable."""

    @strawberry.field(graphql_type=Receivable, description="What it was added to.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivable_uses.receivables_by_ids, self.receivable_id)


@graph_type(domain.InterestSegment)
class InterestSegment:
    """A run of days with one open amount and one rate."""


@graph_type(domain.ChargePreview)
class ChargePreview:
    """What a rule comes to for a receivable on a day."""


@strawberry.type
class ChargeQueries:
    """Reading charges and charge rules."""

    @door(rule_uses.get_charge_rule, ChargeRule)
    async def charge_rule(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One charge rule."""
        return await rule_uses.get_charge_rule(info.context.tenant, id)

    @door(rule_uses.list_charge_rules, Connection[ChargeRule])
    async def charge_rules(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Charge rules, oldest first."""
        page = await rule_uses.list_charge_rules(info.context.tenant, page_request(first, after, "charge_rules"))
        return connection(page, "charge_rules", after)

    @door(rule_uses.list_rule_packs, list[ChargeRulePack])
    async def charge_rule_packs(self, info: GraphInfo) -> Any:
        """Shipped examples of charge rules; check before you use one."""
        return await rule_uses.list_rule_packs(info.context.tenant)

    @door(uses.preview_charge, ChargePreview)
    async def charge_preview(
        self, info: GraphInfo, receivable_id: strawberry.ID, rule_id: strawberry.ID, as_of: date | None = None
    ) -> Any:
        """What a rule comes to for a receivable on a day, and how."""
        return await uses.preview_charge(info.context.tenant, receivable_id, rule_id=rule_id, as_of=as_of)

    @door(uses.get_charge, Charge)
    async def charge(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One charge."""
        return await uses.get_charge(info.context.tenant, id)

    @door(uses.list_charges, Connection[Charge])
    async def charges(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        receivable_id: strawberry.ID | None = None,
    ) -> Any:
        """Charges, oldest first."""
        name = f"charges:{receivable_id}"
        request = page_request(first, after, name)
        page = await uses.list_charges(info.context.tenant, request, receivable_id=receivable_id)
        return connection(page, name, after)


@strawberry.type
class ChargeMutation:
    """Charging and waiving."""

    @door(rule_uses.create_charge_rule, ChargeRule)
    async def create_charge_rule(self, info: GraphInfo, input: CreateChargeRuleInput) -> Any:
        """Register how you charge for being paid late."""
        return await rule_uses.create_charge_rule(info.context.tenant, **rule_of(from_input(NewChargeRule, input)))

    @door(rule_uses.archive_charge_rule, ChargeRule)
    async def archive_charge_rule(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """End the use of a charge rule; what it charged stays."""
        return await rule_uses.archive_charge_rule(info.context.tenant, id, expected_version=expected_version)

    @door(uses.charge_by_rule, Charge)
    async def charge_by_rule(self, info: GraphInfo, receivable_id: strawberry.ID, input: ChargeByRuleInput) -> Any:
        """Add what a rule comes to, less what it has charged before."""
        told = given(from_input(RuleChargeRequest, input))
        return await uses.charge_by_rule(info.context.tenant, receivable_id, **told)

    @door(uses.add_charge, Charge)
    async def add_charge(self, info: GraphInfo, receivable_id: strawberry.ID, input: AddChargeInput) -> Any:
        """Add a charge by hand."""
        return await uses.add_charge(info.context.tenant, receivable_id, **charge_of(from_input(NewCharge, input)))

    @door(uses.waive_charge, Charge)
    async def waive_charge(
        self, info: GraphInfo, id: strawberry.ID, input: WaiveChargeInput, expected_version: int | None = None
    ) -> Any:
        """Give a charge up, whole or in part, as far as nobody has paid it."""
        told = charge_of(from_input(ChargeWaiverRequest, input))
        return await uses.waive_charge(info.context.tenant, id, **told, expected_version=expected_version)


NODES = {"crl": rule_uses.get_charge_rule, "chg": uses.get_charge}
QUERIES = ChargeQueries
MUTATIONS = ChargeMutation
