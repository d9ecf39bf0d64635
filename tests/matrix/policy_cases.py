"""Calls of the use cases of holds and of the contact policy."""

from __future__ import annotations

from domain.collections.holds import place_hold
from domain.messaging.contact_policies import get_contact_policy
from tests.factories_ledger import a_receivable
from tests.matrix.registry import Call, Victim, case, fresh, one, plain, secret_customer, secret_customer_id


async def _hold(v: Victim) -> str:
    receivable = await a_receivable(v.ctx, await secret_customer(v))
    return (await place_hold(v.ctx, receivable_id=receivable.id, reason="negotiation", note="Hushed note")).id


@case("place_hold")
async def _place_hold(v: Victim) -> Call:
    return Call(body={"customer_id": await secret_customer_id(v), "reason": "complaint"})


plain("list_holds")
one(_hold, "hold_id", "get_hold", "release_hold")
one(_hold, "hold_id", "update_hold", body={"until_on": "2100-01-31"})

plain("get_contact_policy")
plain("list_contact_policy_presets")


@case("put_contact_policy")
async def _put_contact_policy(v: Victim) -> Call:
    version = (await get_contact_policy(v.ctx)).version
    # A rule that keeps nobody from anything now: the other cases write to people.
    return Call(body={"blackout_dates": [{"from_on": f"{2040 + version}-01-01", "to_on": f"{2040 + version}-01-02"}]})


plain("list_plan_presets")


@case("install_plan_preset")
async def _install_plan_preset(_: Victim) -> Call:
    return Call(path={"key": "standard"}, body={"external_id": fresh("plan")}, names_objects=False)
