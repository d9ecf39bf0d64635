"""Document links in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import asdict, fields

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.ledger.detail_model import DocumentLink
from domain.ledger.tables import ReceivableDocumentRow
from domain.storage.transaction import sql

_NAMES = ", ".join(field.name for field in fields(DocumentLink))
_SELECT = f"select {_NAMES} from receivable_documents where tenant_id = $1 and receivable_id = $2"


async def add(ctx: Context, document: DocumentLink) -> None:
    """Stores a new link."""
    await ReceivableDocumentRow.insert(ReceivableDocumentRow(tenant_id=ctx.tenant_id, **asdict(document)))


async def lock(ctx: Context, receivable_id: str, document_id: str) -> DocumentLink:
    """One link, removed or not, locked until the transaction ends; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and id = $3 for update", ctx.tenant_id, receivable_id, document_id)
    if row is None:
        raise NotFound.of("document", document_id)
    return DocumentLink(**dict(row))


async def mark_removed(ctx: Context, document: DocumentLink) -> None:
    """Stores when and by whom a locked link was removed."""
    await sql(ctx).execute(
        "update receivable_documents set removed_at = $3, removed_by = $4 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        document.id,
        document.removed_at,
        document.removed_by,
    )


async def page(ctx: Context, receivable_id: str, request: PageRequest, *, include_removed: bool) -> list[DocumentLink]:
    """Links of a receivable in the order of their creation, one more than asked for."""
    kept = "" if include_removed else "and removed_at is null"
    statement = f"{_SELECT} {kept} and ($3::text is null or id > $3) order by id limit $4"
    rows = await sql(ctx).fetch(statement, ctx.tenant_id, receivable_id, request.after, request.limit + 1)
    return [DocumentLink(**dict(row)) for row in rows]
