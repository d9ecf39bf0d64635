"""PURE: a statement as a PDF in the customer's language, Chinese or English; the same statement gives the same bytes."""

from __future__ import annotations

from datetime import date

from domain.documents.formatting import babel_locale, format_date, format_money
from domain.documents.pages import Column, Pages
from domain.insight.rules.statement_words import Words, words_of
from domain.insight.statement_model import Statement, StatementAccount
from domain.kernel.money import Money

_MONEY_SHARE = 2.2


def rendered(statement: Statement) -> bytes:
    """The file. Work for the processor (about a millisecond for each line): call it in a thread."""
    return _Writer(statement).written()


class _Writer:
    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._words: Words = words_of(babel_locale(statement.locale).language)
        self._pages = Pages(
            title=self._words["title"],
            sender=statement.tenant_name,
            language=statement.locale,
            dated_on=statement.as_of,
            page_words=self._words["page"],
        )

    def written(self) -> bytes:
        """Everything from top to bottom."""
        said, words, pages = self._statement, self._words, self._pages
        pages.heading(words["title"])
        pages.text(f"{words['from']}: {said.tenant_name}")
        reference = f" ({said.customer_external_id})" if said.customer_external_id else ""
        pages.text(f"{words['to']}: {said.customer_name}{reference}")
        if said.from_on is not None:
            pages.text(f"{words['period']}: {self._day(said.from_on)} – {self._day(said.as_of)}")
        else:
            pages.text(f"{words['as_of']}: {self._day(said.as_of)}")
        if not said.accounts:
            pages.gap()
            pages.text(words["nothing"])
        for account in said.accounts:
            self._account(account)
        return pages.output()

    def _account(self, account: StatementAccount) -> None:
        self._pages.gap(5)
        self._pages.heading(account.currency, size=12)
        if account.opening_amount is not None:
            self._movements(account, account.opening_amount)
        else:
            self._items(account)
            self._credits(account)
        self._totals(account)

    def _items(self, account: StatementAccount) -> None:
        if not account.items:
            return
        words = self._words
        columns = [
            Column(words["number"], 2.6),
            Column(words["issued_on"], 2),
            Column(words["due_on"], 2),
            Column(words["days_overdue"], 1.1, "RIGHT"),
            *(Column(words[name], _MONEY_SHARE, "RIGHT") for name in ("amount", "settled_amount", "open_amount")),
        ]
        rows = [
            (
                item.number,
                self._day(item.issued_on),
                words["provisional"] if item.due_on_is_provisional else self._day(item.due_on),
                str(item.days_overdue or ""),
                *(self._money(amount) for amount in (item.amount, item.settled_amount, item.open_amount)),
            )
            for item in account.items
        ]
        self._pages.table(columns, rows)

    def _credits(self, account: StatementAccount) -> None:
        if not account.credits:
            return
        words = self._words
        self._pages.gap()
        columns = [
            Column(words["credit"], 3),
            Column(words["number"], 3),
            Column(words["dated_on"], 2),
            Column(words["unapplied_amount"], _MONEY_SHARE, "RIGHT"),
        ]
        rows = [
            (
                words[credit.kind],
                credit.number or "",
                self._day(credit.dated_on) if credit.dated_on else "",
                self._money(credit.unapplied_amount),
            )
            for credit in account.credits
        ]
        self._pages.table(columns, rows)

    def _movements(self, account: StatementAccount, opening: Money) -> None:
        words = self._words
        columns = [
            Column(words["dated_on"], 2),
            Column(words["movement"], 3),
            Column(words["number"], 3),
            Column(words["amount"], _MONEY_SHARE, "RIGHT"),
            Column(words["balance_amount"], _MONEY_SHARE, "RIGHT"),
        ]
        rows = [
            (
                self._day(moved.dated_on),
                words[moved.kind],
                moved.number or "",
                self._money(moved.amount),
                self._money(moved.balance_amount),
            )
            for moved in account.movements
        ]
        first = ("", words["opening"], "", "", self._money(opening))
        last = ("", words["closing"], "", "", self._money(account.balance_amount))
        self._pages.table(columns, [first, *rows, last])

    def _totals(self, account: StatementAccount) -> None:
        words = self._words
        self._pages.gap()
        columns = [Column(words["total"], 4), Column(words["amount"], _MONEY_SHARE, "RIGHT")]
        rows = [
            (words["current"], self._money(account.current_amount)),
            *((self._range(b.days_from, b.days_to), self._money(b.amount)) for b in account.buckets),
            (words["open_amount"], self._money(account.open_amount)),
            (words["unapplied_amount"], self._money(account.unapplied_amount)),
            (words["balance_amount"], self._money(account.balance_amount)),
        ]
        self._pages.table(columns, rows)

    def _range(self, days_from: int, days_to: int | None) -> str:
        days = f"{days_from}–{days_to}" if days_to is not None else f"≥ {days_from}"
        return self._words["overdue"].format(days=days)

    def _day(self, day: date) -> str:
        return format_date(day, self._statement.locale)

    def _money(self, money: Money) -> str:
        return format_money(money, self._statement.locale)
