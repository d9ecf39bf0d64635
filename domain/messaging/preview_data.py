"""What a preview is filled with: a receivable, or all that a customer owes; rules/samples.py has the samples of a locale."""

from __future__ import annotations

from domain.customers.contacts import list_contacts
from domain.customers.customers import get_customer
from domain.customers.model import Contact, Customer
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.dispute_store import disputed_amounts
from domain.ledger.model import Receivable, ReceivableFilter
from domain.ledger.receivables import get_receivable, list_receivables
from domain.ledger.rules.disputing import effective_disputed
from domain.messaging.model import ReceivableLine
from domain.messaging.rules.samples import PreviewData
from domain.storage.transaction import reading, sql

_MOST = 200
_ROLES = ("billing", "other")


async def data_of_receivable(ctx: Context, receivable_id: str) -> PreviewData:
    """Of one receivable; raises NotFound, and Forbidden for whoever may not read receivables and customers."""
    async with reading(ctx):
        receivable = await get_receivable(ctx, receivable_id)
        customer = await get_customer(ctx, receivable.customer_id)
        return await _data(ctx, customer, [receivable])


async def data_of_customer(ctx: Context, customer_id: str) -> PreviewData:
    """Of what a customer owes, in the currency of what fell due first, among the first 200 receivables.

    Raises NotFound, and InvalidInput if nothing is open.
    """
    async with reading(ctx):
        customer = await get_customer(ctx, customer_id)
        owed = await owed_by(ctx, customer_id)
        return await _data(ctx, customer, [r for r in owed if r.amount.currency == owed[0].amount.currency])


async def owed_by(ctx: Context, customer_id: str) -> list[Receivable]:
    """What a customer owes, oldest first, among the first 200 receivables.

    Raises NotFound, Forbidden for whoever may not read receivables and customers, and InvalidInput if nothing is open.
    """
    await get_customer(ctx, customer_id)
    page = await list_receivables(ctx, PageRequest(limit=_MOST), ReceivableFilter(customer_id=customer_id))
    owed = sorted((r for r in page.items if r.open_amount), key=lambda r: (r.due_on, r.id))
    if not owed:
        raise InvalidInput.at("/customer_id", "nothing_open", "This customer owes nothing.")
    return owed


async def _data(ctx: Context, customer: Customer, receivables: list[Receivable]) -> PreviewData:
    disputed = await disputed_amounts(ctx, [receivable.id for receivable in receivables])
    contact = await _contact(ctx, customer)
    return PreviewData(
        company_name=await sql(ctx).fetchval("select name from tenants where id = $1", ctx.tenant_id),
        customer_name=customer.name,
        contact_name=contact.name if contact else customer.name,
        locale=(contact and contact.locale) or customer.locale or ctx.locale,
        today=local_date(ctx.now(), customer.time_zone or ctx.time_zone),
        lines=tuple(
            _line(r, Money(disputed[r.id], r.amount.currency) if r.id in disputed else None) for r in receivables
        ),
    )


async def _contact(ctx: Context, customer: Customer) -> Contact | None:
    """Whom the engine would write to first."""
    contacts = (await list_contacts(ctx, customer.id, PageRequest(limit=_MOST))).items
    reachable = [contact for contact in contacts if contact.role in _ROLES]
    return min(reachable, key=lambda c: (c.email is None, _ROLES.index(c.role), c.id), default=None)


def _line(receivable: Receivable, disputed: Money | None) -> ReceivableLine:
    open_amount = receivable.open_amount
    contested = effective_disputed(disputed.amount, open_amount.amount) if disputed else None
    return ReceivableLine(
        receivable_id=receivable.id,
        number=receivable.number,
        issued_on=receivable.issued_on,
        due_on=receivable.due_on,
        amount=receivable.amount,
        open_amount=open_amount,
        disputed_amount=Money(contested, open_amount.currency) if contested else Money.zero(open_amount.currency),
    )
