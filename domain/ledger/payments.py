"""Use cases of payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.ledger import payment_store, store, write_off_store
from domain.ledger.giving_up import let_go
from domain.ledger.model import AllocationPolicy, AllocationWish, Payment
from domain.ledger.receivables import check_customer_is_named
from domain.ledger.remittance import named_receivables
from domain.ledger.rules.allocation import Named, Share
from domain.ledger.rules.standing import check_terms
from domain.ledger.settling import allocations_of, settle, shares_for
from domain.storage.transaction import reading, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Received:
    """A payment as it was told to us."""

    customer_id: str
    amount: Money
    received_on: date
    external_id: str | None
    reference: str | None
    method: str | None


@use_case("payments:write")
async def record_payment(
    ctx: Context,
    *,
    customer_id: str | None = None,
    customer_external_id: str | None = None,
    amount: Money,
    received_on: date,
    external_id: str | None = None,
    reference: str | None = None,
    method: str | None = None,
    allocations: Sequence[AllocationWish] | None = None,
    policy: AllocationPolicy | None = None,
) -> Payment:
    """Records money received and settles with it the customer's receivables, or those that `allocations` names.

    The order is `policy`, else that of the tenant's ledger policy, which also lets small differences go.

    What settles nothing stays as unapplied amount. The same payment under the same external id is recorded once; another one
    under it is a Conflict (`payment_external_id_taken`).
    """
    return await take_payment(
        ctx,
        customer_id=customer_id,
        customer_external_id=customer_external_id,
        amount=amount,
        received_on=received_on,
        external_id=external_id,
        reference=reference,
        method=method,
        allocations=allocations,
        policy=policy,
    )


async def take_payment(
    ctx: Context,
    *,
    customer_id: str | None,
    customer_external_id: str | None = None,
    amount: Money,
    received_on: date,
    external_id: str | None,
    reference: str | None,
    method: str | None,
    allocations: Sequence[AllocationWish] | None,
    policy: AllocationPolicy | None = None,
) -> Payment:
    """`record_payment` for rooms above, whose own use case or operation asked for the scope."""
    check_customer_is_named(customer_id, customer_external_id)
    check_terms(amount=amount, received_on=received_on, external_id=external_id, reference=reference, method=method)
    async with transaction(ctx):
        customer = await store.customer_ref(ctx, customer_id, customer_external_id)
        received = _Received(
            customer_id=customer.id,
            amount=amount,
            received_on=received_on,
            external_id=external_id,
            reference=reference,
            method=method,
        )
        return await _recorded_before(ctx, received, allocations) or await _record(ctx, received, allocations, policy)


@use_case("payments:read")
async def get_payment(ctx: Context, payment_id: str) -> Payment:
    """One payment with its allocations; raises NotFound."""
    async with reading(ctx):
        payment = await payment_store.find(ctx, payment_id)
    if payment is None:
        raise NotFound.of("payment", payment_id)
    return payment


@use_case("payments:read")
async def get_payment_by_external_id(ctx: Context, external_id: str) -> Payment:
    """One payment by the integrator's id; raises NotFound."""
    async with reading(ctx):
        payment = await payment_store.find_external(ctx, external_id)
    if payment is None:
        raise NotFound.of("payment", external_id)
    return payment


@use_case("payments:read")
async def list_payments(ctx: Context, page: PageRequest, *, customer_id: str | None = None) -> Page[Payment]:
    """Payments in the order of their recording."""
    async with reading(ctx):
        rows = await payment_store.page(ctx, customer_id, page)
    return page_of(rows, page, lambda payment: payment.id, lambda payment: payment)


async def _record(
    ctx: Context, received: _Received, wishes: Sequence[AllocationWish] | None, policy: AllocationPolicy | None
) -> Payment:
    ledger = await write_off_store.policy(ctx)
    order = policy or ledger.allocation_policy
    held, shares = await shares_for(ctx, received.customer_id, received.amount, wishes, order)
    payment = _payment(ctx, received, shares)

    if not await payment_store.add(ctx, payment):
        # The same external id came in at the same moment and was first; nothing is written here yet.
        return await _recorded_before(ctx, received, wishes) or _raise_taken(received)
    emit(ctx, NewEvent("payment.recorded", payment.id, {"payment": payment}))
    settled = await settle(ctx, payment, payment.allocations, held, payment.received_on, ledger.settle_first)
    await let_go(ctx, ledger, settled, payment.received_on)
    return payment


async def _recorded_before(
    ctx: Context, received: _Received, wishes: Sequence[AllocationWish] | None
) -> Payment | None:
    """The payment already recorded under this external id; raises Conflict if it is another one."""
    if received.external_id is None:
        return None
    payment = await payment_store.find_external(ctx, received.external_id)
    if payment is None:
        return None
    names = None
    if wishes is not None:
        names = await named_receivables(ctx, payment.customer_id, payment.amount.currency, wishes)
    return payment if _is_same(payment, received, names) else _raise_taken(received)


def _raise_taken(received: _Received) -> NoReturn:
    raise Conflict("payment_external_id_taken", f"Another payment has the external id {received.external_id!r}.")


def _is_same(payment: Payment, received: _Received, names: Sequence[Named] | None) -> bool:
    told = _Received(**{name: getattr(payment, name) for name in _Received.__slots__})
    # What was moved since then is not what the payer said; only what was told can be compared.
    if told != received or names is None or payment.version > 1:
        return told == received
    settled = {allocation.receivable_id: allocation.amount.amount for allocation in payment.allocations}
    stated = {name.receivable_id: name.amount for name in names}
    return settled.keys() <= stated.keys() and all(
        settled.get(receivable) == amount for receivable, amount in stated.items() if amount is not None
    )


def _payment(ctx: Context, received: _Received, shares: Sequence[Share]) -> Payment:
    now, currency = ctx.now(), received.amount.currency
    unapplied = received.amount.amount - sum(share.amount for share in shares)
    return Payment(
        id=new_id("pay"),
        external_id=received.external_id,
        customer_id=received.customer_id,
        amount=received.amount,
        unapplied_amount=Money(unapplied, currency),
        received_on=received.received_on,
        reference=received.reference,
        method=received.method,
        allocations=allocations_of(shares, currency),
        state="recorded",
        refunded_amount=Money.zero(currency),
        reversed_on=None,
        reversal_reason=None,
        version=1,
        created_at=now,
        updated_at=now,
    )


@use_case("payments:read")
async def payments_by_ids(ctx: Context, ids: list[str]) -> dict[str, Payment]:
    """Those payments that exist, by id, with their allocations in two queries for all."""
    async with reading(ctx):
        return await payment_store.by_ids(ctx, ids)
