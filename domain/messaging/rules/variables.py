"""PURE: the values that a notice's template may mention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from domain.documents.formatting import format_date, format_money
from domain.kernel.money import Money
from domain.messaging.model import ReceivableLine, Value
from domain.messaging.rules.lines import MOST_LISTED, line_fields, numbers_of, text_table


def notice_variables(
    locale: str,
    *,
    customer_name: str,
    contact_name: str,
    company_name: str,
    number: str,
    amount: Money,
    open_amount: Money,
    disputed_amount: Money,
    issued_on: date,
    due_on: date,
    today: date,
    receivables: Sequence[ReceivableLine] = (),
) -> dict[str, Value]:
    """All of `liquid.VARIABLES` and `liquid.LISTS` for `locale`; `due_amount` is what is open and not disputed.

    `disputed_amount` is "" where nothing is disputed, `days_overdue` is "0" before the due date, `days_until_due` after it.
    `receivables`, all in one currency, are what the notice is about, of which at most 50 are listed; one, or none, is what the other
    values tell. `notice_number` and `new_due_on` are "" until the notice is queued, if it gets them."""
    late = (today - due_on).days
    open_text = format_money(open_amount, locale)
    own = {
        "number": number,
        "issued_on": format_date(issued_on, locale),
        "due_on": format_date(due_on, locale),
        "amount": open_text if amount == open_amount else format_money(amount, locale),
        "open_amount": open_text,
        "disputed_amount": format_money(disputed_amount, locale) if disputed_amount else "",
        "due_amount": format_money(open_amount - disputed_amount, locale) if disputed_amount else open_text,
        "days_overdue": str(max(late, 0)),
    }
    return {
        **own,
        **_of_all(own, receivables, locale, today),
        "customer_name": customer_name,
        "contact_name": contact_name,
        "days_until_due": str(max(-late, 0)),
        "company_name": company_name,
        "today": format_date(today, locale),
        "new_due_on": "",
        "notice_number": "",
    }


def texts_of(variables: Mapping[str, Value]) -> dict[str, str]:
    """The values that are texts themselves: what a provider can fill into a text of its own."""
    return {name: value for name, value in variables.items() if isinstance(value, str)}


def _of_all(own: dict[str, str], receivables: Sequence[ReceivableLine], locale: str, today: date) -> dict[str, Value]:
    """What is said of all receivables together; of a single one, which is the rule, nothing is formatted twice."""
    count = len(receivables) or 1
    items, total = [own], own["due_amount"]
    if count > 1:
        items = [line_fields(line, locale, today) for line in receivables[:MOST_LISTED]]
        total = format_money(
            sum((line.due_amount for line in receivables[1:]), start=receivables[0].due_amount), locale
        )
    return {
        "receivables": items,
        "receivables_text": text_table(items, count, locale),
        "total_due_amount": total,
        "numbers": numbers_of(own["number"], count, locale),
        "count": str(count),
    }
