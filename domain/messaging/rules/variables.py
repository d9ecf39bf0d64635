"""PURE: the values that a notice's template may mention."""

from __future__ import annotations

from datetime import date

from domain.documents.formatting import format_date, format_money
from domain.kernel.money import Money


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
) -> dict[str, str]:
    """All of `liquid.VARIABLES` for `locale`; `due_amount` is what is open and not disputed.

    `disputed_amount` is "" where nothing is disputed, `days_overdue` is "0" before the due date, `days_until_due` after it."""
    late = (today - due_on).days
    return {
        "customer_name": customer_name,
        "contact_name": contact_name,
        "number": number,
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
    }
