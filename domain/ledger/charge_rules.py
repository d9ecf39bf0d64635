"""Use cases of charge rules: how a tenant charges for being paid late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import charge_store as store
from domain.ledger.charge_model import ChargeComponent, ChargeRule, RulePack
from domain.ledger.rules.charging import ChargeTerms, check_terms_of_charge
from domain.ledger.shipped.rule_packs import RULE_PACKS
from domain.storage.transaction import reading, transaction


@use_case("charges:write")
async def create_charge_rule(
    ctx: Context,
    *,
    name: str,
    component: ChargeComponent,
    terms: ChargeTerms,
    source: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> ChargeRule:
    """Registers a rule; terms never change afterwards, since charges were made by them: archive it and register another."""
    check_terms_of_charge(terms, component)
    if valid_from and valid_to and valid_to < valid_from:
        raise InvalidInput.at("/valid_to", "dates_reversed", "valid_to is not before valid_from.")
    now = ctx.now()
    rule = ChargeRule(
        id=new_id("crl"),
        name=name,
        component=component,
        terms=terms,
        source=source,
        valid_from=valid_from,
        valid_to=valid_to,
        state="active",
        version=1,
        created_at=now,
        updated_at=now,
    )
    async with transaction(ctx):
        await store.add_rule(ctx, rule)
        emit(ctx, NewEvent("charge_rule.created", rule.id, {"charge_rule": rule}))
    return rule


@use_case("charges:write")
async def archive_charge_rule(ctx: Context, rule_id: str, *, expected_version: int | None = None) -> ChargeRule:
    """Ends the use of a rule; what it charged stays."""
    async with transaction(ctx):
        rule = await store.get_rule(ctx, rule_id, lock=True)
        expect(rule.version, expected_version)
        if rule.state == "archived":
            return rule
        archived = replace(rule, state="archived", version=rule.version + 1, updated_at=ctx.now())
        await store.save_rule(ctx, archived)
        emit(ctx, NewEvent("charge_rule.archived", rule_id, {"charge_rule": archived}))
    return archived


@use_case("charges:read")
async def get_charge_rule(ctx: Context, rule_id: str) -> ChargeRule:
    """One rule; raises NotFound."""
    async with reading(ctx):
        return await store.get_rule(ctx, rule_id)


@use_case("charges:read")
async def list_charge_rules(ctx: Context, page: PageRequest) -> Page[ChargeRule]:
    """Rules in the order of their creation."""
    async with reading(ctx):
        rows = await store.page_of_rules(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.rule_of)


@use_case("charges:read")
async def list_rule_packs(ctx: Context) -> list[RulePack]:
    """The shipped examples, each with its source."""
    return list(RULE_PACKS)
