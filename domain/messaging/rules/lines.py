"""PURE: the receivables of a notice as lines of plain text, and as the fields that a template may loop over."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date

from domain.documents.formatting import babel_locale, format_date, format_money
from domain.messaging.model import ReceivableLine

MOST_LISTED = 50
"""More receivables than these are counted and summed up in a text, not listed."""
_LONGEST_NUMBER = 40
_WORDS = {
    "zh": ("{} 到期", "逾期 {} 天", "未到期", "（另有 {} 笔未列出）"),
    "en": ("due {}", "{} days overdue", "not yet due", "(and {} more)"),
}
_NUMBERS = {"zh": "{number} 等 {count} 笔", "en": "{number} and {others} more"}


def numbers_of(number: str, count: int, locale: str) -> str:
    """What to call one or several receivables in a subject.

    >>> numbers_of("INV-7", 3, "en"), numbers_of("INV-7", 3, "zh-CN"), numbers_of("INV-7", 1, "en")
    ('INV-7 and 2 more', 'INV-7 等 3 笔', 'INV-7')
    """
    if count == 1:
        return number
    words = _NUMBERS.get(babel_locale(locale).language, _NUMBERS["en"])
    return words.format(number=number, count=count, others=count - 1)


def line_fields(line: ReceivableLine, locale: str, today: date) -> dict[str, str]:
    """All of `liquid.ITEM_FIELDS` for one receivable."""
    return {
        "number": line.number,
        "issued_on": format_date(line.issued_on, locale),
        "due_on": format_date(line.due_on, locale),
        "amount": format_money(line.amount, locale),
        "open_amount": format_money(line.open_amount, locale),
        "disputed_amount": format_money(line.disputed_amount, locale) if line.disputed_amount else "",
        "due_amount": format_money(line.due_amount, locale),
        "days_overdue": str(max((today - line.due_on).days, 0)),
    }


def text_table(items: Sequence[dict[str, str]], count: int, locale: str) -> str:
    """A line for each receivable: number, due date, amount that is asked for, days overdue; in columns of a fixed-width font.

    `count` is how many there are; those that `items` leaves out are told in a last line.
    """
    due, overdue, not_due, more = _WORDS.get(babel_locale(locale).language, _WORDS["en"])
    rows = [_row(item, due, overdue, not_due) for item in items]
    if count == 1:
        return "  " + "  ".join(rows[0])
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = ["  " + "  ".join(map(_padded, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, f"  {more.format(count - len(rows))}"] if count > len(rows) else lines)


def _row(item: dict[str, str], due: str, overdue: str, not_due: str) -> tuple[str, str, str, str]:
    late = item["days_overdue"]
    when = not_due if late == "0" else overdue.format(late)
    return item["number"][:_LONGEST_NUMBER], due.format(item["due_on"]), item["due_amount"], when


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Chinese characters are twice as wide as Latin ones."""
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
