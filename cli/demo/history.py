"""A history: invoices on the days they were issued, and the money on the days it came."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from cli.demo.mapping import Mapping
from cli.demo.plan import FIRST_OFFSET

# Long enough after the last due date for every step of the plan.
DAYS_AFTER_LAST_DUE = 61

STRPTIME_PATTERNS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "M/D/YYYY": "%m/%d/%Y",
    "D/M/YYYY": "%d/%m/%Y",
    "D.M.YYYY": "%d.%m.%Y",
    "YYYY/M/D": "%Y/%m/%d",
    "YYYYMMDD": "%Y%m%d",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A customer as the file knows it."""

    external_id: str
    name: str
    email: str
    locale: str
    time_zone: str
    opted_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money that came for one invoice on one day; `surplus` is what came beyond what was owed."""

    external_id: str
    invoice: str
    customer: str
    received_on: date
    amount: Decimal
    surplus: Decimal
    currency: str
    settles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything the story needs, by day."""

    mapping: Mapping
    debtors: list[Debtor]
    start_on: date
    end_on: date
    imports: dict[date, str]
    receipts: dict[date, list[Receipt]]
    invoice_count: int
    reminded_at_import: frozenset[date]

    def reminds_at_import(self, day: date) -> bool:
        """Whether the plan's first step is past already for something that is imported on that day."""
        return day in self.reminded_at_import

    def special_customers(self) -> set[str]:
        """Those whom a simple calculation gets wrong: nobody to write to, or money left over that covers other debts."""
        silent = {debtor.external_id for debtor in self.debtors if debtor.opted_out or not debtor.email}
        return silent | {r.customer for of_day in self.receipts.values() for r in of_day if r.surplus}

    def days(self) -> Iterator[date]:
        """Every day on which something is imported or received, the first day included, before the story ends."""
        busy = {self.start_on, *self.imports, *self.receipts}
        yield from sorted(day for day in busy if day < self.end_on)


def read_history(file: Path, mapping: Mapping) -> History:
    """Reads the whole file; raises ValueError naming the line that makes no sense."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restval="")
        rows = list(reader)
        header = list(reader.fieldnames or [])
    facts = [_Facts.of(row, mapping, line) for line, row in enumerate(rows, 2)]
    if not facts:
        raise ValueError("the history has no rows")
    start_on = mapping.start_on or min(fact.issued_on for fact in facts)
    by_day: dict[date, list[dict[str, str]]] = defaultdict(list)
    receipts: dict[date, list[Receipt]] = defaultdict(list)
    reminded_at_import: set[date] = set()
    for fact in facts:
        imported_on = max(fact.issued_on, start_on)
        by_day[imported_on].append(fact.row)
        if fact.due_on + timedelta(days=FIRST_OFFSET) < imported_on:
            reminded_at_import.add(imported_on)
        for receipt in fact.receipts:
            receipts[max(receipt.received_on, start_on)].append(receipt)
    return History(
        mapping=mapping,
        debtors=_debtors(facts, mapping),
        start_on=start_on,
        end_on=_end_on(facts, mapping, start_on),
        imports={day: _csv(header, of_day) for day, of_day in by_day.items()},
        receipts=dict(receipts),
        invoice_count=len(facts),
        reminded_at_import=frozenset(reminded_at_import),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """One row, read."""

    row: dict[str, str]
    issued_on: date
    due_on: date
    receipts: list[Receipt]

    @property
    def is_settled(self) -> bool:
        return any(receipt.settles for receipt in self.receipts)

    @classmethod
    def of(cls, row: dict[str, str], mapping: Mapping, line: int) -> _Facts:
        try:
            issued_on = _day(row[mapping.columns["issued_on"]], mapping)
            due_on = _day(row[mapping.columns["due_on"]], mapping)
            return cls(row=row, issued_on=issued_on, due_on=due_on, receipts=list(_receipts(row, mapping)))
        except (ValueError, ArithmeticError) as wrong:
            raise ValueError(f"line {line}: {wrong}") from wrong


def _receipts(row: dict[str, str], mapping: Mapping) -> Iterator[Receipt]:
    """The part that came first, then the rest, each with its day."""
    owed = Decimal(row[mapping.columns["amount"]])
    part_on = _said(row, mapping, "part_paid_on")
    if part_on:
        part = Decimal(_said(row, mapping, "part_paid_amount"))
        yield _receipt(row, mapping, part_on, amount=part, surplus=Decimal(0), settles=False)
        owed -= part
    if settled_on := _said(row, mapping, "settled_on"):
        surplus = Decimal(_said(row, mapping, "overpaid_amount") or 0)
        yield _receipt(row, mapping, settled_on, amount=owed + surplus, surplus=surplus, settles=True)


def _receipt(
    row: dict[str, str], mapping: Mapping, day: str, *, amount: Decimal, surplus: Decimal, settles: bool
) -> Receipt:
    invoice = row[mapping.columns["external_id"]]
    currency = row[mapping.columns["currency"]] if "currency" in mapping.columns else mapping.defaults["currency"]
    return Receipt(
        external_id=f"{invoice}-{'rest' if settles else 'part'}",
        invoice=invoice,
        customer=row[mapping.columns["customer_external_id"]],
        received_on=_day(day, mapping),
        amount=amount,
        surplus=surplus,
        currency=currency,
        settles=settles,
    )


def _debtors(facts: Sequence[_Facts], mapping: Mapping) -> list[Debtor]:
    """A file without addresses gets made-up ones in the reserved domain `example`, so that there is somebody to write to."""
    found: dict[str, Debtor] = {}
    columns = mapping.columns
    for fact in facts:
        external_id = fact.row[columns["customer_external_id"]]
        invented = f"billing@{external_id.lower()}.example"
        found.setdefault(
            external_id,
            Debtor(
                external_id=external_id,
                name=_column(fact.row, columns, "customer_name", external_id),
                email=_column(fact.row, columns, "customer_email", invented),
                locale=_column(fact.row, columns, "customer_locale", mapping.tenant.locale),
                time_zone=_column(fact.row, columns, "customer_time_zone", mapping.tenant.time_zone),
                opted_out=bool(_said(fact.row, mapping, "opted_out")),
            ),
        )
    return [found[external_id] for external_id in sorted(found)]


def _end_on(facts: Sequence[_Facts], mapping: Mapping, start_on: date) -> date:
    if mapping.days is not None:
        return start_on + timedelta(days=mapping.days)
    last_receipt = max((r.received_on for fact in facts for r in fact.receipts), default=start_on)
    open_until = [fact.due_on + timedelta(days=DAYS_AFTER_LAST_DUE) for fact in facts if not fact.is_settled]
    return max(last_receipt + timedelta(days=1), *open_until, start_on)


def _column(row: dict[str, str], columns: dict[str, str], name: str, missing: str) -> str:
    return row[columns[name]] if name in columns else missing


def _said(row: dict[str, str], mapping: Mapping, name: str) -> str:
    column = mapping.history.get(name)
    return row[column].strip() if column else ""


def _day(text: str, mapping: Mapping) -> date:
    return datetime.strptime(text.strip(), STRPTIME_PATTERNS[mapping.date_format]).date()  # noqa: DTZ007


def _csv(header: Sequence[str], rows: Sequence[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
