"""Alerts to the tenant's own staff: notices without a contact, sent as they were raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.kernel.context import Context
from domain.messaging import account_store
from domain.messaging.book import TemplateBook
from domain.messaging.model import AlertDraft, Notice, NoticeDraft
from domain.messaging.notices import queue_notices
from domain.messaging.templates import load_templates
from domain.storage.transaction import transaction


async def queue_alerts(ctx: Context, drafts: Sequence[AlertDraft], book: TemplateBook | None = None) -> list[Notice]:
    """Renders and stores alerts, due at once; the answer has the order of `drafts`.

    No contact policy holds them and no payment takes them back; they wait only while the tenant is suspended. One whose template
    fails becomes a failed notice (`template_failed`). Without a `book` the templates are loaded, with one statement for all.
    """
    if not drafts:
        return []
    async with transaction(ctx):
        book = book or await load_templates(ctx, {draft.template_key for draft in drafts})
        accounts = await account_store.ids_in_use(ctx)
        return await queue_notices(ctx, book, [notice_of_alert(draft, accounts) for draft in drafts])


def notice_of_alert(draft: AlertDraft, accounts: Mapping[str, str]) -> NoticeDraft:
    """The alert as the notice that it becomes; `accounts` are the ids of those in use, by channel."""
    return NoticeDraft(
        customer_id=draft.customer_id,
        receivable_id=draft.receivable_id,
        contact_id=None,
        case_id=draft.case_id,
        step_key=draft.step_key,
        channel=draft.channel,
        template_key=draft.template_key,
        locale=draft.locale,
        recipient=draft.recipient or accounts.get(draft.channel, draft.channel),
        variables=draft.variables,
        open_amount=draft.open_amount,
        disputed_amount=draft.disputed_amount,
        due_on=None,
        audience="staff",
    )
