"""PURE: from what the engine wants said to the texts of a notice and its letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from domain.documents.formatting import format_date
from domain.kernel.records import record
from domain.messaging.book import TemplateBook
from domain.messaging.channel_model import Rendered
from domain.messaging.model import NoticeDraft, Value
from domain.messaging.rules.channels import LETTER, has_letter
from domain.messaging.rules.letter_text import LetterData, letter_number
from domain.messaging.rules.liquid import RenderError, TextTooLong


@record(frozen=True, slots=True, kw_only=True)
class Composed:
    """The texts of a notice; `failure` says why there are none. `variables` are the values in it."""

    text: Rendered
    variables: Mapping[str, Value]
    letter: LetterData | None = None
    new_due_on: date | None = None
    failure: str | None = None


def wants_letter(draft: NoticeDraft) -> bool:
    """Whether the notice is, or comes with, a numbered letter."""
    return has_letter(draft.channel, attached=draft.letter)


def compose(book: TemplateBook, draft: NoticeDraft, today: date, number: str | None = None) -> Composed:
    """What a draft comes to on its day, with the letter's `number`; a template that fails with these values is told, not raised."""
    dated_on = draft.dated_on or today
    new_due_on = None if draft.new_due_days is None else dated_on + timedelta(days=draft.new_due_days)
    values = draft.variables
    if new_due_on is not None:
        values = {**values, "new_due_on": format_date(new_due_on, draft.locale)}
    if number is not None:
        values = {**values, "notice_number": number}
    try:
        text = book.render(draft.template_key, draft.channel, draft.locale, values, draft.tone)
        letter = None
        if number is not None:
            key = book.letter_key(draft.template_key)
            own = draft.channel == LETTER
            letter_text = text if own else book.render(key, LETTER, draft.locale, values, draft.tone)
            letter = _letter(draft, letter_text, dated_on, new_due_on, number)
    except RenderError as failed:
        failure = "text_too_long" if isinstance(failed, TextTooLong) else "template_failed"
        return Composed(text=Rendered("", "", draft.locale), variables={}, failure=failure)
    return Composed(text=text, variables=values, letter=letter, new_due_on=new_due_on)


def is_sayable(book: TemplateBook, draft: NoticeDraft, today: date, number_format: str) -> bool:
    """Whether a draft's texts can be made; tried with a number of the usual length, before one is taken."""
    return compose(book, draft, today, letter_number(number_format, today.year, 1)).failure is None


def _letter(draft: NoticeDraft, said: Rendered, dated_on: date, new_due_on: date | None, number: str) -> LetterData:
    values = {name: str(draft.variables.get(name, "")) for name in ("company_name", "customer_name", "contact_name")}
    return LetterData(
        number=number,
        locale=said.locale,
        dated_on=dated_on,
        new_due_on=new_due_on,
        company_name=values["company_name"],
        customer_name=values["customer_name"],
        contact_name=values["contact_name"],
        address=draft.recipient if draft.channel == LETTER else "",
        title=said.subject,
        text=said.body,
        lines=draft.receivables,
    )
