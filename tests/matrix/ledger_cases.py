"""Calls of the ledger's use cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from domain.kernel.context import Actor
from domain.ledger.charge_rules import create_charge_rule
from domain.ledger.charges import add_charge
from domain.ledger.credit_notes import issue_credit_note
from domain.ledger.disputes import open_dispute
from domain.ledger.documents import link_document
from domain.ledger.ledger_policy import get_ledger_policy, put_ledger_policy
from domain.ledger.model import Payment, Receivable, WriteOff
from domain.ledger.rules.charging import ChargeTerms, FixedCharge, Tier
from domain.ledger.write_offs import write_off_receivable
from tests.factories_ledger import a_payment, a_receivable, cny
from tests.matrix.registry import Call, Victim, case, fresh, one, plain, secret_customer, secret_customer_id

MONEY = {"amount": "10.00", "currency": "CNY"}
DAY = "2026-01-20"


async def _receivable(v: Victim, **fields: Any) -> Receivable:
    return await a_receivable(v.ctx, await secret_customer(v), **fields)


async def _payment(v: Victim, **fields: Any) -> Payment:
    return await a_payment(v.ctx, await secret_customer(v), 50, **fields)


async def _settling_payment(v: Victim) -> Payment:
    customer = await secret_customer(v)
    await a_receivable(v.ctx, customer)
    return await a_payment(v.ctx, customer, 50)


async def _pending_write_off(v: Victim) -> WriteOff:
    asking = replace(v.ctx, actor=Actor("client", "cli_somebody_else"))
    await put_ledger_policy(v.ctx, allocation_policy="oldest_due_first", tolerances=[], approval_limits=[cny(1)])
    return await write_off_receivable(asking, (await _receivable(v)).id, reason="other")


async def _write_off(v: Victim) -> WriteOff:
    return await write_off_receivable(v.ctx, (await _receivable(v)).id, amount=cny(1), reason="other")


async def _credit_note(v: Victim, **fields: Any) -> str:
    customer = await secret_customer(v)
    note = await issue_credit_note(
        v.ctx,
        customer_id=customer.id,
        number="CN-1",
        amount=cny(5),
        issued_on=date(2026, 1, 5),
        reason="other",
        **fields,
    )
    await a_receivable(v.ctx, customer)
    return note.id


async def _rule(v: Victim) -> str:
    terms = ChargeTerms(fixed=FixedCharge(tiers=(Tier(below=None, amount=cny(40)),)))
    return (await create_charge_rule(v.ctx, name="Fee", component="fee", terms=terms)).id


async def _charge(v: Victim) -> str:
    receivable = await _receivable(v)
    return (await add_charge(v.ctx, receivable.id, component="fee", amount=cny(5), reason="late")).id


async def _receivable_id(v: Victim) -> str:
    return (await _receivable(v)).id


async def _receivable_external_id(v: Victim) -> str:
    return str((await _receivable(v, external_id=fresh("i"))).external_id)


def _terms(customer_id: str) -> dict[str, Any]:
    return {"customer_id": customer_id, "number": "N", "amount": MONEY, "issued_on": "2026-01-01", "due_on": DAY}


@case("create_receivable")
async def _create_receivable(v: Victim) -> Call:
    return Call(body=_terms(await secret_customer_id(v)))


@case("create_receivables_in_parts")
async def _create_in_parts(v: Victim) -> Call:
    told = {key: value for key, value in _terms(await secret_customer_id(v)).items() if key != "due_on"}
    return Call(body={**told, "payment_terms": {"parts": [{"due": {"days": 10}}, {"due": {"days": 40}}]}})


@case("put_receivable")
async def _put_receivable(v: Victim) -> Call:
    return Call(path={"external_id": fresh("i")}, body=_terms(await secret_customer_id(v)))


plain("list_receivables")
one(_receivable_id, "receivable_id", "get_receivable", "list_entries")
one(_receivable_id, "receivable_id", "update_receivable", body={"number": "Changed"})
one(_receivable_id, "receivable_id", "write_off_receivable", body={"reason": "other", "amount": MONEY})
one(_receivable_id, "receivable_id", "cancel_receivable", body={"reason": "twice"})
one(_receivable_id, "receivable_id", "record_delivery", body={"delivered_on": "2026-01-03", "method": "courier"})
one(_receivable_external_id, "external_id", "get_receivable_by_external_id")

one(_receivable_id, "receivable_id", "list_receivable_lines", "list_documents", "get_collection_schedule")
one(
    _receivable_id,
    "receivable_id",
    "replace_receivable_lines",
    body={"lines": [{"description": "Goods", "quantity": "1", "amount": {"amount": "1000.00", "currency": "CNY"}}]},
)
one(
    _receivable_id,
    "receivable_id",
    "put_collection_schedule",
    body={"rows": [{"planned_on": DAY, "amount": MONEY}]},
)
DOCUMENT: Any = {"kind": "invoice", "title": "Invoice", "url": "https://files.example/1.pdf", "sha256": "0" * 64}
one(_receivable_id, "receivable_id", "link_document", body=DOCUMENT)


@case("remove_document")
async def _remove_document(v: Victim) -> Call:
    receivable_id = await _receivable_id(v)
    document = await link_document(v.ctx, receivable_id, **DOCUMENT)
    return Call(path={"receivable_id": receivable_id, "document_id": document.id})


async def _payment_id(v: Victim) -> str:
    return (await _payment(v)).id


async def _payment_external_id(v: Victim) -> str:
    return str((await _payment(v, external_id=fresh("p"))).external_id)


@case("record_payment")
async def _record_payment(v: Victim) -> Call:
    return Call(body={"customer_id": await secret_customer_id(v), "amount": MONEY, "received_on": "2026-01-05"})


@case("allocate_payment")
async def _allocate_payment(v: Victim) -> Call:
    customer = await secret_customer(v)
    payment = await a_payment(v.ctx, customer, 50)
    receivable = await a_receivable(v.ctx, customer)
    return Call(path={"payment_id": payment.id}, body={"allocations": [{"receivable_id": receivable.id}]})


@case("remove_allocation")
async def _remove_allocation(v: Victim) -> Call:
    payment = await _settling_payment(v)
    return Call(path={"payment_id": payment.id, "allocation_id": payment.allocations[0].id})


plain("list_payments")
one(_payment_id, "payment_id", "get_payment", "list_refunds")
one(_payment_id, "payment_id", "reverse_payment", body={"reason": "bounced", "reversed_on": DAY})
one(_payment_id, "payment_id", "refund_payment", body={"amount": MONEY, "refunded_on": DAY})
one(_payment_external_id, "external_id", "get_payment_by_external_id")


@case("issue_credit_note")
async def _issue_credit_note(v: Victim) -> Call:
    body = {
        "customer_id": await secret_customer_id(v),
        "number": "CN",
        "amount": MONEY,
        "issued_on": DAY,
        "reason": "other",
    }
    return Call(body=body)


@case("get_credit_note_by_external_id")
async def _credit_note_by_external_id(v: Victim) -> Call:
    external_id = fresh("n")
    await _credit_note(v, external_id=external_id)
    return Call(path={"external_id": external_id})


plain("list_credit_notes")
one(_credit_note, "credit_note_id", "get_credit_note", "cancel_credit_note")
one(_credit_note, "credit_note_id", "allocate_credit_note", body={})


async def _write_off_id(v: Victim) -> str:
    return (await _write_off(v)).id


async def _pending_id(v: Victim) -> str:
    return (await _pending_write_off(v)).id


plain("list_write_offs")
one(_write_off_id, "write_off_id", "get_write_off")
one(_write_off_id, "write_off_id", "reverse_write_off", body={})
one(_pending_id, "write_off_id", "approve_write_off", "reject_write_off")
plain("get_ledger_policy")


@case("put_ledger_policy")
async def _put_ledger_policy(v: Victim) -> Call:
    version = (await get_ledger_policy(v.ctx)).version
    return Call(body={"tolerances": [{"amount": f"{version + 1}.00", "currency": "CNY"}]})


@case("update_ledger_policy")
async def _update_ledger_policy(v: Victim) -> Call:
    version = (await get_ledger_policy(v.ctx)).version
    return Call(body={"rate_max_age_days": version % 2})


_RATE = {"from_currency": "EUR", "to_currency": "CNY", "valid_on": DAY}


@case("put_exchange_rates")
async def _put_exchange_rates(_: Victim) -> Call:
    return Call(body={"rates": [{**_RATE, "rate": "7.85", "source": fresh("source")}]}, names_objects=False)


plain("list_exchange_rates")


@case("preview_charge")
async def _preview(v: Victim) -> Call:
    query = {"rule_id": await _rule(v), "as_of": "2026-03-01"}
    return Call(path={"receivable_id": await _receivable_id(v)}, query=query)


@case("charge_by_rule")
async def _charge_by_rule(v: Victim) -> Call:
    body = {"rule_id": await _rule(v), "as_of": "2026-03-01"}
    return Call(path={"receivable_id": await _receivable_id(v)}, body=body)


FIXED = {"fixed": {"tiers": [{"amount": MONEY}]}}
plain("create_charge_rule", body={"name": "Fee", "component": "fee", "terms": FIXED})
plain("list_charge_rules")
plain("list_rule_packs")
plain("list_charges")
one(_rule, "rule_id", "get_charge_rule", "archive_charge_rule")
one(_receivable_id, "receivable_id", "add_charge", body={"component": "fee", "amount": MONEY, "reason": "late"})
one(_charge, "charge_id", "get_charge")
one(_charge, "charge_id", "waive_charge", body={"reason": "goodwill"})


@case("list_aging")
async def _list_aging(v: Victim) -> Call:
    await _receivable(v)
    return Call(query={"group_by": "customer", "as_of": "2026-03-01"})


@case("list_base_currency_aging")
async def _list_base_currency_aging(v: Victim) -> Call:
    await _receivable(v)
    return Call(query={"group_by": "customer", "as_of": "2026-03-01"})


@case("list_aging_receivables")
async def _list_aging_receivables(v: Victim) -> Call:
    await _receivable(v)
    return Call(query={"as_of": "2026-03-01", "currency": "CNY"})


@case("get_receivable_balance")
async def _get_receivable_balance(v: Victim) -> Call:
    return Call(path={"receivable_id": await _receivable_id(v)}, query={"as_of": "2026-03-01"})


@case("get_statement")
async def _get_statement(v: Victim) -> Call:
    return Call(path={"customer_id": (await _receivable(v)).customer_id}, query={"as_of": "2026-03-01"})


async def _dispute(v: Victim) -> str:
    return (await open_dispute(v.ctx, await _receivable_id(v), reason="quality")).id


plain("list_disputes")
one(_receivable_id, "receivable_id", "open_dispute", body={"reason": "quality", "amount": MONEY})
one(_dispute, "dispute_id", "get_dispute")
one(_dispute, "dispute_id", "update_dispute", body={"assignee": "li"})
one(_dispute, "dispute_id", "resolve_dispute", body={"outcome": "rejected"})
