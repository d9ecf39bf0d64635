"""Calls of the use cases of bank statements."""

from __future__ import annotations

from tests.factories_banking import CSV_MAPPING, a_line
from tests.factories_ledger import a_receivable
from tests.matrix.registry import Call, Victim, case, fresh, one, plain, secret_customer, secret_customer_id


async def _statement(v: Victim) -> str:
    return (await a_line(v.ctx, fresh("Hushed"))).statement_id


async def _line(v: Victim) -> str:
    return (await a_line(v.ctx, fresh("Hushed"))).id


@case("upload_bank_statement")
async def _upload(_: Victim) -> Call:
    content = f"booked_on,amount,remittance\n2026-01-05,1.00,{fresh()}\n"
    return Call(
        query={"format": "csv", "mapping": CSV_MAPPING},
        content=content,
        graph={"format": "csv", "content": content, "mapping": {"account": "1", "currency": "CNY"}},
        names_objects=False,
    )


@case("accept_bank_statement_line")
async def _accept(v: Victim) -> Call:
    return Call(path={"line_id": await _line(v)}, body={"customer_id": await secret_customer_id(v)})


@case("match_bank_statement_line")
async def _match(v: Victim) -> Call:
    number = fresh("INV")
    line = await a_line(v.ctx, number)
    await a_receivable(v.ctx, await secret_customer(v), number=number)
    return Call(path={"line_id": line.id})


plain("list_bank_statements")
plain("list_bank_statement_lines")
one(_statement, "statement_id", "get_bank_statement", "accept_proposed_lines")
one(_line, "line_id", "get_bank_statement_line")
one(_line, "line_id", "ignore_bank_statement_line", body={"reason": "no customer's"})
