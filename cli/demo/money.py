"""What changes what is owed, on a tenant of its own: a discount, late interest, an over-payment used later, a bounced payment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cli.demo.checks import CheckResult
from cli.demo.client import Client

CURRENCY = "CNY"
CUSTOMER = "C1"
SCOPES = [
    "charges:write",
    "clock:write",
    "customers:write",
    "operations:read",
    "payments:write",
    "receivables:read",
    "receivables:write",
]
TENANT = {
    "name": "Money",
    "mode": "sandbox",
    "base_currency": CURRENCY,
    "time_zone": "Asia/Shanghai",
    "locale": "zh-CN",
    "test_clock_at": "2026-03-02T01:00:00Z",
}


@dataclass(slots=True)
class Ledger:
    """What is told, and where the API's amounts are not those that the story leads to."""

    lines: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def tell(self, day: str, text: str) -> None:
        """One line of the story."""
        self.lines.append(f"  {day}  {text}")

    def expect(self, what: str, found: dict[str, str], amount: str) -> None:
        """Compares an amount of the API with what it must be."""
        if found != money(amount):
            self.differences.append(f"{what} is {found['amount']} {found['currency']}, not {amount} {CURRENCY}")


async def play_money(platform: Client, client_of: Callable[[dict[str, Any]], Client]) -> tuple[list[str], CheckResult]:
    """Plays the chapter with a client that `client_of` makes of new credentials; its lines, and whether every amount is right."""
    tenant = await platform.post("/v1/tenants", TENANT)
    made = await platform.post(f"/v1/tenants/{tenant['id']}/clients", {"name": "Money", "scopes": SCOPES})
    ledger = Ledger()
    async with client_of(made) as client:
        await client.post("/v1/customers", {"external_id": CUSTOMER, "name": "蓝海贸易有限公司"})
        await _discount(client, ledger)
        late = await _late_interest(client, ledger)
        payment, second = await _over_payment(client, ledger, late)
        await _reversal(client, ledger, payment, (late, "61800.00"), (second, "500.00"))
    title = f"{len(ledger.lines)} movements of money come to what they must"
    return ledger.lines, CheckResult(title, tuple(ledger.differences))


async def _discount(client: Client, ledger: Ledger) -> None:
    """2/10 net 30 on 1,000.00: 980.00 on the tenth day settle it, 980.00 on the eleventh do not."""
    terms = {"parts": [{"due": {"days": 30}}], "discount": {"rate": "0.02", "days": 10}}
    left = []
    for number, day in (("INV-1", "2026-03-12"), ("INV-2", "2026-03-13")):
        invoice = await invoiced(client, number, "1000.00", "2026-03-02", payment_terms=terms)
        await advance(client, day)
        await client.post(
            "/v1/payments",
            {
                "customer_external_id": CUSTOMER,
                "amount": money("980.00"),
                "received_on": day,
                "allocations": [{"receivable_id": invoice, "amount": "980.00"}],
            },
        )
        left.append(await open_amount(client, invoice))
    ledger.expect("what is left of 980.00 in time", left[0], "0.00")
    ledger.expect("what is left of 980.00 a day late", left[1], "20.00")
    ledger.tell("2026-03-12", f"discount        2 % for 980.00 on the tenth day, open {left[0]['amount']}")
    ledger.tell("2026-03-13", f"no discount     for 980.00 a day later, open {left[1]['amount']}")


async def _late_interest(client: Client, ledger: Ledger) -> str:
    """30 days at 0.1 % a day on 60,000.00: 1,800.00."""
    invoice = await invoiced(client, "INV-3", "60000.00", "2026-02-08", due_on="2026-03-10")
    rule = await client.post(
        "/v1/charge-rules",
        {
            "name": "0.1 % a day",
            "component": "interest",
            "terms": {"late_interest": {"rate": "0.001", "rate_period": "day"}},
        },
    )
    await advance(client, "2026-04-09")
    charge = await client.post(
        f"/v1/receivables/{invoice}/rule-charges", {"rule_id": rule["id"], "as_of": "2026-04-09"}
    )
    ledger.expect("the interest", charge["amount"], "1800.00")
    left = await open_amount(client, invoice)
    ledger.expect("what is owed with interest", left, "61800.00")
    ledger.tell(
        "2026-04-09",
        f"late interest   30 days of 0.1 % on 60000.00: {charge['amount']['amount']}, open {left['amount']}",
    )
    return invoice


async def _over_payment(client: Client, ledger: Ledger, invoice: str) -> tuple[str, str]:
    """200.00 more than is owed, used for what is invoiced later; the payment and the second receivable."""
    payment = await client.post(
        "/v1/payments",
        {
            "customer_external_id": CUSTOMER,
            "external_id": "bank-1",
            "amount": money("62000.00"),
            "received_on": "2026-04-09",
            "allocations": [{"receivable_id": invoice}],
        },
    )
    ledger.expect("what is paid", await open_amount(client, invoice), "0.00")
    ledger.expect("what was paid too much", payment["unapplied_amount"], "200.00")
    ledger.tell(
        "2026-04-09", f"over-payment    of 62000.00, {payment['unapplied_amount']['amount']} settle nothing yet"
    )
    await advance(client, "2026-04-10")
    second = await invoiced(client, "INV-4", "500.00", "2026-04-10", due_on="2026-05-10")
    used = await client.post(
        f"/v1/payments/{payment['id']}/allocations", {"allocations": [{"receivable_id": second, "amount": "200.00"}]}
    )
    ledger.expect("what is left of the payment", used["unapplied_amount"], "0.00")
    left = await open_amount(client, second)
    ledger.expect("the second receivable", left, "300.00")
    ledger.tell("2026-04-10", f"used later      200.00 of it for the next invoice of 500.00, open {left['amount']}")
    return payment["id"], second


async def _reversal(client: Client, ledger: Ledger, payment: str, *reopened: tuple[str, str]) -> None:
    """The bank takes the payment back: exactly what it had settled is open again."""
    await advance(client, "2026-04-13")
    await client.post(f"/v1/payments/{payment}/reverse", {"reason": "bounced", "reversed_on": "2026-04-13"})
    for receivable, amount in reopened:
        ledger.expect("what is open again", await open_amount(client, receivable), amount)
    ledger.tell("2026-04-13", f"bounced         open again: {' and '.join(amount for _, amount in reopened)}")


async def invoiced(client: Client, number: str, amount: str, issued_on: str, **terms: Any) -> str:
    """A receivable of the customer; its id."""
    body = {"customer_external_id": CUSTOMER, "external_id": number, "number": number, "amount": money(amount)}
    made = await client.post("/v1/receivables", {**body, "issued_on": issued_on, **terms})
    receivable_id: str = made["id"]
    return receivable_id


async def open_amount(client: Client, receivable: str) -> dict[str, str]:
    """What the API says is open."""
    found: dict[str, str] = (await client.get(f"/v1/receivables/{receivable}"))["open_amount"]
    return found


async def advance(client: Client, day: str) -> None:
    """Moves the tenant's clock to the morning of that day."""
    await client.finished(await client.post("/v1/clock/advance", {"to": f"{day}T01:00:00Z"}))


def money(amount: str) -> dict[str, str]:
    """An amount of the chapter's currency."""
    return {"amount": amount, "currency": CURRENCY}
