"""Payments and credit notes out of a file, a batch at a time, each recorded as the API records it; a refused one leaves no trace.

The rows of a batch see one another. A dry run sees what it would have recorded within a batch, not beyond it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from domain.importing.customers import Stored
from domain.importing.rules.columns import Columns, Refused
from domain.importing.rules.lines import CreditNoteLine, PaymentLine
from domain.importing.rules.mapping import FIELDS
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, InvalidInput, NotFound
from domain.ledger.credit_note_store import find_external
from domain.ledger.credit_notes import external_id_taken, take_credit_note
from domain.ledger.model import AllocationWish
from domain.ledger.payments import take_payment
from domain.ledger.store import customer_ref
from domain.operations.model import OperationError
from domain.storage.transaction import sql, transaction

# By number alone where no receivable has the name as its external id; numbers need not be unique, so all that fit are found.
_NUMBERED = """
    select c.external_id, r.number, r.id from receivables r
    join customers c on c.tenant_id = r.tenant_id and c.id = r.customer_id
    where r.tenant_id = $1 and c.external_id = any($2) and r.number = any($3)
      and not exists (select 1 from receivables e where e.tenant_id = $1 and e.external_id = r.number)
"""


Line = PaymentLine | CreditNoteLine


class _DryRun(Exception):
    """Takes back what a dry run did."""


async def store_settlements(ctx: Context, columns: Columns, lines: Sequence[Line], *, dry_run: bool) -> Stored:
    """Records those of a batch that are not recorded yet."""
    stored = Stored()
    try:
        async with transaction(ctx):
            numbered = await _numbered(ctx, lines)
            for line in lines:
                await _store(ctx, columns, line, numbered, stored)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return stored


async def _store(
    ctx: Context, columns: Columns, line: Line, numbered: dict[tuple[str, str], list[str]], stored: Stored
) -> None:
    try:
        async with transaction(ctx):
            wishes = _wishes(line, numbered)
            if isinstance(line, PaymentLine):
                is_new = await _pay(ctx, line, wishes)
            else:
                is_new = await _credit(ctx, line, wishes)
    except (InvalidInput, Conflict, NotFound) as refused:
        stored.errors.append(_refusal(columns, line, refused))
        return
    stored.created += is_new
    stored.unchanged += not is_new


async def _pay(ctx: Context, line: PaymentLine, wishes: list[AllocationWish] | None) -> bool:
    _, is_new = await take_payment(
        ctx,
        customer_external_id=line.customer_external_id,
        amount=line.amount,
        received_on=line.received_on,
        external_id=line.external_id,
        reference=line.reference or None,
        method=line.method or None,
        allocations=wishes,
    )
    return is_new


async def _credit(ctx: Context, line: CreditNoteLine, wishes: list[AllocationWish] | None) -> bool:
    """A known credit note is compared by its own terms: what it lowered may have been moved since."""
    known = await find_external(ctx, line.external_id)
    if known is not None:
        customer = await customer_ref(ctx, None, line.customer_external_id)
        told = (customer.id, line.number, line.amount, line.issued_on, line.reason, line.note or None)
        if told != (known.customer_id, known.number, known.amount, known.issued_on, known.reason, known.note):
            raise external_id_taken(line.external_id)
        return False
    await take_credit_note(
        ctx,
        customer_external_id=line.customer_external_id,
        number=line.number,
        amount=line.amount,
        issued_on=line.issued_on,
        reason=line.reason,
        external_id=line.external_id,
        note=line.note or None,
        allocations=wishes,
    )
    return True


def _wishes(line: Line, numbered: dict[tuple[str, str], list[str]]) -> list[AllocationWish] | None:
    if not line.allocations:
        return None
    wishes = []
    for name in line.allocations:
        ids = numbered[line.customer_external_id, name]
        if len(ids) > 1:
            raise InvalidInput.at(
                "/allocations", "receivable_number_ambiguous", f"{len(ids)} receivables are {name!r}."
            )
        wish = AllocationWish(receivable_id=ids[0]) if ids else AllocationWish(receivable_external_id=name)
        wishes.append(wish)
    return wishes


async def _numbered(ctx: Context, lines: Sequence[Line]) -> defaultdict[tuple[str, str], list[str]]:
    """The ids of the receivables that the lines name by number, by the customer and the number."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    naming = [line for line in lines if line.allocations]
    if naming:
        customers = list({line.customer_external_id for line in naming})
        names = list({name for line in naming for name in line.allocations})
        for customer, number, receivable_id in await sql(ctx).fetch(_NUMBERED, ctx.tenant_id, customers, names):
            found[customer, number].append(receivable_id)
    return found


def _refusal(columns: Columns, line: Line, refused: DunwellError) -> OperationError:
    field = "customer_external_id" if isinstance(refused, NotFound) else "external_id"
    code = refused.code
    if isinstance(refused, InvalidInput):
        code = refused.errors[0].code
        told = refused.errors[0].pointer.strip("/").split("/")[0]
        field = told if told in FIELDS[columns.kind] else field
    value = ";".join(line.allocations) if field == "allocations" else str(getattr(line, field, ""))
    return columns.error(line.line, field, Refused(code, refused.detail), value)
