"""PURE: a letter as pages of PDF/A-2b; the same letter gives the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from domain.documents.formatting import babel_locale, format_date, format_money
from domain.documents.pages import Column, Pages
from domain.messaging.model import ReceivableLine
from domain.messaging.rules.letter_text import LetterData

_WORDS = {
    "zh": {
        "letter": "编号",
        "dated_on": "日期",
        "new_due_on": "付款期限",
        "page": "第 {page} 页，共 {pages} 页",
        "number": "账单编号",
        "issued_on": "账单日期",
        "due_on": "到期日",
        "days_overdue": "逾期天数",
        "amount": "账单金额",
        "open_amount": "未付金额",
        "disputed_amount": "争议金额",
        "due_amount": "应付金额",
        "total": "应付合计",
    },
    "en": {
        "letter": "Our reference",
        "dated_on": "Date",
        "new_due_on": "To be paid by",
        "page": "Page {page} of {pages}",
        "number": "Invoice",
        "issued_on": "Issued",
        "due_on": "Due",
        "days_overdue": "Days overdue",
        "amount": "Amount",
        "open_amount": "Open",
        "disputed_amount": "Disputed",
        "due_amount": "Due now",
        "total": "Total due",
    },
}
_TEXT_SIZE = 10.5


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """The file, and what is said of it."""

    content: bytes
    sha256: str
    pages: int


def made(letter: LetterData) -> MadeLetter:
    """The letter's file. About a quarter of a second of work for the processor: call it in a thread."""
    return _Writer(letter).written()


class _Writer:
    def __init__(self, letter: LetterData) -> None:
        self._letter = letter
        self._words = _WORDS.get(babel_locale(letter.locale).language, _WORDS["en"])
        self._pages = Pages(
            title=f"{letter.title} {letter.number}",
            sender=letter.company_name,
            language=letter.locale,
            dated_on=letter.dated_on,
            page_words=self._words["page"],
            archival=True,
        )

    def written(self) -> MadeLetter:
        """Sender, recipient, number and days, the text, and what it is about."""
        letter, pages, words = self._letter, self._pages, self._words
        pages.text(letter.company_name, size=_TEXT_SIZE)
        pages.gap(8)
        for line in (letter.customer_name, letter.contact_name, *letter.address.splitlines()):
            if line.strip():
                pages.text(line, size=_TEXT_SIZE)
        pages.gap(8)
        pages.text(f"{words['letter']}: {letter.number}")
        pages.text(f"{words['dated_on']}: {format_date(letter.dated_on, letter.locale)}")
        if letter.new_due_on is not None:
            pages.text(f"{words['new_due_on']}: {format_date(letter.new_due_on, letter.locale)}")
        pages.gap(6)
        pages.heading(letter.title)
        pages.gap(3)
        self._text()
        self._table()
        content = pages.output()
        return MadeLetter(content, hashlib.sha256(content).hexdigest(), pages.count)

    def _text(self) -> None:
        for line in self._letter.text.strip().splitlines():
            if line.strip():
                self._pages.text(line, size=_TEXT_SIZE)
            else:
                self._pages.gap()

    def _table(self) -> None:
        letter, total = self._letter, self._letter.total
        if total is None:
            return
        disputed = any(line.disputed_amount for line in letter.lines)
        amounts = ["amount", "open_amount", *(["disputed_amount"] if disputed else ()), "due_amount"]
        days = ["due_on"] if disputed else ["issued_on", "due_on"]
        columns = [
            Column(self._words["number"], 2.4),
            *(Column(self._words[name], 2.1) for name in days),
            Column(self._words["days_overdue"], 1.4, "RIGHT"),
            *(Column(self._words[name], 2.4, "RIGHT") for name in amounts),
        ]
        last = [self._words["total"], *[""] * (len(columns) - 2), format_money(total, letter.locale)]
        self._pages.gap(4)
        self._pages.table(columns, [*(self._row(line, days, amounts) for line in letter.lines), last])

    def _row(self, line: ReceivableLine, days: list[str], amounts: list[str]) -> list[str]:
        locale = self._letter.locale
        return [
            line.number,
            *(format_date(getattr(line, name), locale) for name in days),
            str(max((self._letter.dated_on - line.due_on).days, 0)),
            *(format_money(getattr(line, name), locale) for name in amounts),
        ]
