"""Document links: evidence of what lay where."""

from __future__ import annotations

from typing import Any

import pytest
from asyncpg import InsufficientPrivilegeError

from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.ledger.documents import link_document, list_documents, remove_document
from domain.storage.transaction import transaction
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import a_receivable, count, events_of

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
INVOICE: dict[str, Any] = {"kind": "invoice", "title": "发票 1", "url": "https://files.example/1.pdf", "sha256": HASH}


async def test_a_link_is_listed_until_it_is_removed_and_stays_as_evidence(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    link = await link_document(ctx, made.id, **INVOICE, media_type="application/pdf", size_bytes=1024)
    assert (link.sha256, link.linked_by, link.created_at) == (HASH, ctx.actor.id, ctx.now())
    assert (await list_documents(ctx, made.id, PageRequest())).items == [link]
    removed = await remove_document(ctx, made.id, link.id)
    assert await remove_document(ctx, made.id, link.id) == removed
    assert (removed.removed_at, removed.removed_by) == (ctx.now(), ctx.actor.id)
    assert (await list_documents(ctx, made.id, PageRequest())).items == []
    assert (await list_documents(ctx, made.id, PageRequest(), include_removed=True)).items == [removed]
    events = await events_of(ctx, "receivable.document_linked", "receivable.document_removed")
    assert [(e.object_id, e.data["document"]["id"]) for e in events] == [(made.id, link.id)] * 2


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"url": "javascript:alert(1)"}, "/url", "malformed_url"),
        ({"url": "http://files.example/1.pdf"}, "/url", "malformed_url"),
        ({"url": "https://"}, "/url", "malformed_url"),
        ({"url": "https:///1.pdf"}, "/url", "malformed_url"),
        ({"url": "https://a.example:99999/"}, "/url", "malformed_url"),
        ({"url": "https://[::1/"}, "/url", "malformed_url"),
        ({"url": "https://a.example/a b"}, "/url", "malformed_url"),
        ({"url": "https://a.example\\@b.example/"}, "/url", "malformed_url"),
        ({"url": "https://a.example/\r\nX: y"}, "/url", "malformed_url"),
        ({"url": "https://user:secret@files.example/1.pdf"}, "/url", "credentials_in_url"),
        ({"url": "https://user@files.example/1.pdf"}, "/url", "credentials_in_url"),
        ({"url": "https://a.example/" + "a" * 2000}, "/url", "length_out_of_range"),
        ({"sha256": HASH.upper()}, "/sha256", "malformed_sha256"),
        ({"sha256": HASH[:-1]}, "/sha256", "malformed_sha256"),
        ({"sha256": HASH + "\n"}, "/sha256", "malformed_sha256"),
        ({"media_type": "pdf"}, "/media_type", "malformed_media_type"),
        ({"size_bytes": -1}, "/size_bytes", "size_out_of_range"),
        ({"size_bytes": 2**31}, "/size_bytes", "size_out_of_range"),
        ({"title": ""}, "/title", "length_out_of_range"),
        ({"title": "a\x00"}, "/title", "control_character"),
    ],
)
async def test_what_is_no_document_is_refused(ctx: Context, wrong: dict[str, Any], pointer: str, code: str) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    with pytest.raises(InvalidInput) as refused:
        await link_document(ctx, made.id, **{**INVOICE, **wrong})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]
    assert await count(ctx, "receivable_documents") == 0


async def test_the_database_lets_nobody_change_or_delete_a_link(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    await link_document(ctx, made.id, **INVOICE)
    for statement in ("update receivable_documents set url = 'https://b.example'", "delete from receivable_documents"):
        with pytest.raises(InsufficientPrivilegeError):
            async with transaction(ctx) as tx:
                await tx.execute(statement)


async def test_documents_of_others_are_not_found(ctx: Context) -> None:
    made, other = await a_receivable(ctx, await a_customer(ctx)), await a_receivable(ctx, await a_customer(ctx))
    link = await link_document(ctx, made.id, **INVOICE)
    limited = limited_to(ctx, await a_collector(ctx))
    for who, where in ((limited, made.id), (ctx, other.id)):
        with pytest.raises(NotFound):
            await remove_document(who, where, link.id)
    with pytest.raises(NotFound):
        await link_document(limited, made.id, **INVOICE)
    with pytest.raises(NotFound):
        await list_documents(ctx, "rcv_unknown", PageRequest())
