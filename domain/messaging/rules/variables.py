"""PURE: the values that a notice's template may mention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.documents.formatting import format_date, format_money
from domain.kernel.money import Money
from domain.messaging.model import NoticeReceivable

_NUMBERS_SHOWN = 3


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
    receivables: Sequence[NoticeReceivable] = (),
) -> dict[str, str]:
    """All of `liquid.VARIABLES` for `locale`; `due_amount` is what is open and not disputed.

    Of several receivables the amounts are the sums, `number` names them, and `receivables_text` lists them, a line each; it is "" for
    a single one. Dates are those of the oldest.

    `disputed_amount` is "" where nothing is disputed, `days_overdue` is "0" before the due date, `days_until_due` after it."""
    late = (today - due_on).days
    return {
        "customer_name": customer_name,
        "contact_name": contact_name,
        "number": _numbers(receivables) or number,
        "amount": format_money(amount, locale),
        "open_amount": format_money(open_amount, locale),
        "disputed_amount": format_money(disputed_amount, locale) if disputed_amount else "",
        "due_amount": format_money(open_amount - disputed_amount, locale),
        "due_on": format_date(due_on, locale),
        "issued_on": format_date(issued_on, locale),
        "days_overdue": str(max(late, 0)),
        "days_until_due": str(max(-late, 0)),
        "company_name": company_name,
        "today": format_date(today, locale),
        "receivable_count": str(len(receivables) or 1),
        "receivables_text": "\n".join(_line(one, locale) for one in receivables),
    }


def _numbers(receivables: Sequence[NoticeReceivable]) -> str:
    """The first few numbers, for a subject."""
    shown = ", ".join(one.number for one in receivables[:_NUMBERS_SHOWN])
    return f"{shown} …" if len(receivables) > _NUMBERS_SHOWN else shown


def _line(one: NoticeReceivable, locale: str) -> str:
    due = format_money(one.open_amount - one.disputed_amount, locale)
    return f"  {one.number}  {format_date(one.due_on, locale)}  {due}"
