"""PURE: values that a preview shows where no receivable is named, and by which the length of a text is judged when it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.documents.formatting import format_date
from domain.kernel.money import Money
from domain.messaging.model import ReceivableLine, Value
from domain.messaging.rules.variables import notice_variables

SAMPLE_DAY = date(2026, 1, 5)
SAMPLE_NUMBER = "M-2026-000001"
_NEW_DUE_DAYS = 14
_NAMES = {
    "zh": ("杭州蓝海贸易有限公司", "王芳", "上海示例软件有限公司", "CNY"),
    "en": ("Lanhai Trading Ltd.", "Wang Fang", "Example Software Inc.", "USD"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewData:
    """To whom, from whom, about what, and on which day."""

    company_name: str
    customer_name: str
    contact_name: str
    locale: str
    today: date
    lines: tuple[ReceivableLine, ...]

    def variables(self, locale: str) -> dict[str, Value]:
        """A template's values, made as a notice's are."""
        first = self.lines[0]
        return notice_variables(
            locale,
            customer_name=self.customer_name,
            contact_name=self.contact_name,
            company_name=self.company_name,
            number=first.number,
            amount=first.amount,
            open_amount=first.open_amount,
            disputed_amount=first.disputed_amount,
            issued_on=first.issued_on,
            due_on=first.due_on,
            today=self.today,
            receivables=self.lines,
        )


def sample_names(locale: str) -> tuple[str, str, str]:
    """Customer, contact and company of the samples."""
    customer, contact, company, _ = _of(locale)
    return customer, contact, company


def sample_lines(locale: str) -> tuple[ReceivableLine, ...]:
    """Two receivables, one of them disputed in part."""
    currency = _of(locale)[3]
    return tuple(
        ReceivableLine(
            receivable_id="",
            number=number,
            issued_on=due_on - timedelta(days=30),
            due_on=due_on,
            amount=Money(Decimal(amount), currency),
            open_amount=Money(Decimal(amount), currency),
            disputed_amount=Money(Decimal(disputed), currency),
        )
        for number, due_on, amount, disputed in (
            ("INV-2025-0117", date(2025, 12, 21), "128000.00", "0.00"),
            ("INV-2025-0124", date(2025, 12, 28), "36500.00", "1500.00"),
        )
    )


def sample_data(locale: str) -> PreviewData:
    """Invented data in the language."""
    customer, contact, company = sample_names(locale)
    return PreviewData(
        company_name=company,
        customer_name=customer,
        contact_name=contact,
        locale=locale,
        today=SAMPLE_DAY,
        lines=sample_lines(locale),
    )


def sample_variables(locale: str) -> dict[str, Value]:
    """What a template gets, with the locale's samples; a notice number and a new due date are there too."""
    new_due_on = format_date(SAMPLE_DAY + timedelta(days=_NEW_DUE_DAYS), locale)
    return sample_data(locale).variables(locale) | {"new_due_on": new_due_on, "notice_number": SAMPLE_NUMBER}


def _of(locale: str) -> tuple[str, str, str, str]:
    return _NAMES.get(locale.partition("-")[0], _NAMES["en"])
