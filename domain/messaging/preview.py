"""Preview of a template: what would be sent, made by the renderer that sends, of a saved text or of one that is still being written."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.documents.formatting import format_date
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.usecase import use_case
from domain.messaging import template_store as store
from domain.messaging.book import text_of, written
from domain.messaging.channel_model import Rendered
from domain.messaging.letters import pages_of
from domain.messaging.model import ChannelName, Template, TemplatePreview, Tone, Value
from domain.messaging.preview_data import data_of_customer, data_of_receivable
from domain.messaging.rules.channels import LETTER, limit_of
from domain.messaging.rules.letter_text import LetterData
from domain.messaging.rules.lines import MOST_LISTED
from domain.messaging.rules.liquid import RenderError, too_long_for
from domain.messaging.rules.samples import SAMPLE_NUMBER, PreviewData, sample_data
from domain.messaging.rules.selection import Text
from domain.messaging.templates import check_template, load_templates
from domain.storage.transaction import reading

_UNSAVED = "tpl_unsaved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which text: a saved one by its id, one by its key as a step finds it, or one that is not saved."""

    template_id: str | None = None
    key: str | None = None
    channel: ChannelName = "email"
    locale: str | None = None
    tone: Tone | None = None
    subject: str = ""
    body: str | None = None


@use_case("templates:read")
async def preview_template(
    ctx: Context,
    wanted: Wanted,
    *,
    receivable_id: str | None = None,
    customer_id: str | None = None,
    new_due_days: int | None = None,
    pdf: bool = False,
) -> TemplatePreview:
    """The text that would be sent; raises InvalidInput for one that could not be saved, or that fails with these values.

    About a receivable, or about all that a customer owes (both need the scopes for reading them), else about samples. `pdf` makes a
    letter of it, whose number is that of a sample.
    """
    if receivable_id is not None and customer_id is not None:
        raise InvalidInput.at("/customer_id", "one_or_the_other", "Either a receivable or a customer, not both.")
    async with reading(ctx):
        data = await _real_data(ctx, receivable_id, customer_id)
        spoken = wanted.locale or (data.locale if data else ctx.locale)
        text = await _text(ctx, wanted, spoken)
        data = data or sample_data(text.locale)
    new_due_on = None if new_due_days is None else data.today + timedelta(days=new_due_days)
    made = _rendered(text, _values(text, data, new_due_on, is_letter=pdf))
    content = base64.b64encode(await _pages(data, made, new_due_on)).decode() if pdf else None
    return _preview(text, made, data, content)


async def _real_data(ctx: Context, receivable_id: str | None, customer_id: str | None) -> PreviewData | None:
    if receivable_id is not None:
        return await data_of_receivable(ctx, receivable_id)
    return None if customer_id is None else await data_of_customer(ctx, customer_id)


async def _text(ctx: Context, wanted: Wanted, locale: str) -> Text:
    if sum(given is not None for given in (wanted.template_id, wanted.key, wanted.body)) != 1:
        raise InvalidInput.at("/template_id", "one_text", "Give one of template_id, key (of a saved text) and body.")
    if wanted.template_id is not None:
        return text_of(await store.get_template(ctx, wanted.template_id))
    if wanted.key is not None:
        book = await load_templates(ctx, {wanted.key})
        if not book.has(wanted.key, wanted.channel):
            raise NotFound("template_not_found", f"There is no template {wanted.key!r} for {wanted.channel}.")
        return book.text(wanted.key, wanted.channel, locale, wanted.tone)
    return _unsaved(ctx, wanted, locale)


def _unsaved(ctx: Context, wanted: Wanted, locale: str) -> Text:
    assert wanted.body is not None
    template = Template(
        id=_UNSAVED,
        key="unsaved",
        channel=wanted.channel,
        locale=locale,
        tone=wanted.tone,
        subject=wanted.subject,
        body=wanted.body,
        version=0,
        created_at=ctx.now(),
        updated_at=ctx.now(),
    )
    check_template(template)
    return text_of(template)


def _values(text: Text, data: PreviewData, new_due_on: date | None, *, is_letter: bool) -> Mapping[str, Value]:
    values = data.variables(text.locale)
    if new_due_on is not None:
        values["new_due_on"] = format_date(new_due_on, text.locale)
    if is_letter or text.channel == LETTER:
        values["notice_number"] = SAMPLE_NUMBER
    return values


def _rendered(text: Text, values: Mapping[str, Value]) -> Rendered:
    try:
        return written(text, values)
    except RenderError as failed:
        raise InvalidInput.at("/body", "template_does_not_render", str(failed)) from failed


async def _pages(data: PreviewData, made: Rendered, new_due_on: date | None) -> bytes:
    letter = LetterData(
        number=SAMPLE_NUMBER,
        locale=made.locale,
        dated_on=data.today,
        new_due_on=new_due_on,
        company_name=data.company_name,
        customer_name=data.customer_name,
        contact_name=data.contact_name,
        address="",
        title=made.subject,
        text=made.body,
        lines=data.lines,
    )
    return (await pages_of(letter)).content


def _preview(text: Text, made: Rendered, data: PreviewData, content: str | None) -> TemplatePreview:
    limit = limit_of(text.channel)
    is_saved = text.template_id != _UNSAVED
    return TemplatePreview(
        channel=text.channel,
        locale=made.locale,
        tone=text.tone,
        template_id=made.template_id if is_saved else None,
        template_version=made.template_version if is_saved else None,
        subject=made.subject,
        body=made.body,
        length=limit.length_of(made.body),
        length_limit=limit.most,
        length_unit=limit.unit,
        warnings=list(_warnings(text, made, data)),
        pdf_base64=content,
    )


def _warnings(text: Text, made: Rendered, data: PreviewData) -> list[str]:
    """`text_too_long`: it would not be sent; `not_all_listed`: there are more receivables than a text lists; `another_locale`."""
    odd = {
        "text_too_long": too_long_for(text.channel, made.body) is not None,
        "not_all_listed": len(data.lines) > MOST_LISTED,
        "another_locale": made.locale != data.locale,
    }
    return [name for name, is_so in odd.items() if is_so]
