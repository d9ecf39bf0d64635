"""Use cases of document links: where the papers of a receivable lie, and what they contained when they were linked."""

from __future__ import annotations

from dataclasses import replace

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.ledger import document_store, store
from domain.ledger.detail_model import DocumentKind, DocumentLink
from domain.ledger.rules.documents import check_document
from domain.storage.transaction import reading, transaction


@use_case("receivables:write")
async def link_document(
    ctx: Context,
    receivable_id: str,
    *,
    kind: DocumentKind,
    title: str,
    url: str,
    sha256: str,
    media_type: str | None = None,
    size_bytes: int | None = None,
) -> DocumentLink:
    """Links a document that lies at an https address, which is never fetched; `sha256` tells later whether it is still the same."""
    check_document(title=title, url=url, sha256=sha256, media_type=media_type, size_bytes=size_bytes)
    document = DocumentLink(
        id=new_id("doc"),
        receivable_id=receivable_id,
        kind=kind,
        title=title,
        url=url,
        sha256=sha256,
        media_type=media_type,
        size_bytes=size_bytes,
        linked_by=ctx.actor.id,
        created_at=ctx.now(),
        removed_at=None,
        removed_by=None,
    )
    async with transaction(ctx):
        await _check_exists(ctx, receivable_id)
        await document_store.add(ctx, document)
        emit(ctx, NewEvent("receivable.document_linked", receivable_id, {"document": document}))
    return document


@use_case("receivables:write")
async def remove_document(ctx: Context, receivable_id: str, document_id: str) -> DocumentLink:
    """Marks a link as removed; it stays as evidence, and removing it again changes nothing. Raises NotFound."""
    async with transaction(ctx):
        document = await document_store.lock(ctx, receivable_id, document_id)
        if document.removed_at is not None:
            return document
        removed = replace(document, removed_at=ctx.now(), removed_by=ctx.actor.id)
        await document_store.mark_removed(ctx, removed)
        emit(ctx, NewEvent("receivable.document_removed", receivable_id, {"document": removed}))
    return removed


@use_case("receivables:read")
async def list_documents(
    ctx: Context, receivable_id: str, page: PageRequest, *, include_removed: bool = False
) -> Page[DocumentLink]:
    """The document links of a receivable, oldest first, removed ones only if asked for; raises NotFound."""
    async with reading(ctx):
        await _check_exists(ctx, receivable_id)
        rows = await document_store.page(ctx, receivable_id, page, include_removed=include_removed)
    return page_of(rows, page, lambda document: document.id, lambda document: document)


async def _check_exists(ctx: Context, receivable_id: str) -> None:
    if await store.find(ctx, receivable_id) is None:
        raise NotFound.of("receivable", receivable_id)
