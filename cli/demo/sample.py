"""The sample that `make demo` plays: about 500 receivables of 40 customers, generated, the same on every machine.

Run as a module it writes the committed file anew. Only `random()` of the seeded generator is used, because the other
methods may differ between versions of Python.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

SAMPLE_FILE = Path(__file__).parent / "data" / "sample.csv"
START_ON = date(2026, 3, 2)
DAYS = 90
SEED = 20260302

OLD_DEBTS = 12
BACKLOG = 250
TOTAL = 500
LAST_ISSUE_DAY = 52

_ZH_PLACES = (
    "蓝海",
    "青松",
    "晨光",
    "长河",
    "云岭",
    "东湖",
    "南桥",
    "北辰",
    "金禾",
    "白塔",
    "远山",
    "星港",
    "明泉",
    "竹溪",
)
_ZH_TRADES = ("贸易有限公司", "机械设备有限公司", "食品有限公司", "物流有限公司", "建材有限公司", "电子科技有限公司")
_EN_PLACES = (
    "Northgate",
    "Harbour",
    "Alder",
    "Stonebridge",
    "Kestrel",
    "Linden",
    "Meadow",
    "Copper",
    "Falcon",
    "Willow",
)
_EN_TRADES = ("Foods Ltd", "Logistics GmbH", "Instruments Inc", "Textiles Ltd", "Marine Supply BV")
# Currency, time zone, smallest and largest usual amount of a foreign customer.
_FOREIGN = (
    ("USD", "America/New_York", 120, 9000),
    ("EUR", "Europe/Berlin", 100, 8000),
    ("JPY", "Asia/Tokyo", 20000, 1200000),
)
_ZH_CUSTOMERS, _EN_CUSTOMERS = 28, 12
_WITHOUT_ADDRESS = ("C007", "C033")
_OPTED_OUT = ("C018",)
# They pay more than they owe, now and then; what is left over covers other debts of theirs.
_GENEROUS = ("C003", "C011", "C026", "C030", "C039")
# How receivables end, with the share of each ending.
_ENDINGS = (
    ("in_time", 0.42),
    ("late", 0.38),
    ("part_then_rest", 0.07),
    ("part_only", 0.04),
    ("never", 0.09),
)
_IN_PART = ("part_then_rest", "part_only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A customer of the sample."""

    customer_id: str
    customer_name: str
    email: str
    opted_out: str
    locale: str
    time_zone: str
    currency: str
    smallest: int
    largest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One line of the file."""

    invoice: str
    customer_id: str
    customer_name: str
    email: str
    opted_out: str
    locale: str
    time_zone: str
    amount: str
    currency: str
    issued: str
    due: str
    settlement: str
    settled: str = ""
    part_paid: str = ""
    part_amount: str = ""
    overpaid: str = ""


def generate() -> list[SampleRow]:
    """Every row of the sample, in the order of issue."""
    dice = _Dice(SEED)
    debtors = _debtors(dice)
    issues = sorted(_issue(dice, number) for number in range(TOTAL))
    return [
        _row(dice, f"INV-{position:04d}", dice.choose(debtors), issued_on, due_on)
        for position, (issued_on, due_on) in enumerate(issues, 1)
    ]


def as_csv(rows: Sequence[SampleRow]) -> str:
    """The file's text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(SampleRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return out.getvalue()


class _Dice:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311

    def chance(self) -> float:
        return self._random.random()

    def between(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low + 1))

    def choose(self, items: Sequence[T]) -> T:
        return items[self.between(0, len(items) - 1)]


def _debtors(dice: _Dice) -> list[Debtor]:
    debtors = [_debtor(dice, number) for number in range(_ZH_CUSTOMERS + _EN_CUSTOMERS)]
    names = {debtor.customer_name for debtor in debtors}
    assert len(names) == len(debtors), "two customers of the same name"
    return debtors


def _debtor(dice: _Dice, number: int) -> Debtor:
    customer_id = f"C{number + 1:03d}"
    if number < _ZH_CUSTOMERS:
        name = _ZH_PLACES[number % len(_ZH_PLACES)] + _ZH_TRADES[number % 2 * 3 + number // len(_ZH_PLACES)]
        locale, currency, zone, smallest, largest = "zh-CN", "CNY", "Asia/Shanghai", 300, 60000
    else:
        n = number - _ZH_CUSTOMERS
        name = f"{_EN_PLACES[n % len(_EN_PLACES)]} {_EN_TRADES[(n + n // len(_EN_PLACES)) % len(_EN_TRADES)]}"
        locale, (currency, zone, smallest, largest) = "en", _FOREIGN[n % len(_FOREIGN)]
    return Debtor(
        customer_id=customer_id,
        customer_name=name,
        email="" if customer_id in _WITHOUT_ADDRESS else f"billing@{customer_id.lower()}.example",
        opted_out="yes" if customer_id in _OPTED_OUT else "",
        locale=locale,
        time_zone=zone,
        currency=currency,
        smallest=smallest,
        largest=largest,
    )


def _issue(dice: _Dice, number: int) -> tuple[date, date]:
    """Old debts are overdue when the story begins, the backlog is due soon, the rest is issued on Mondays and Thursdays."""
    if number < OLD_DEBTS:
        issued_on = START_ON - timedelta(days=dice.between(38, 75))
        return issued_on, issued_on + timedelta(days=30)
    if number < BACKLOG:
        issued_on = START_ON - timedelta(days=dice.between(1, 22))
        return issued_on, issued_on + timedelta(days=30)
    day = dice.between(0, LAST_ISSUE_DAY)
    issued_on = START_ON + timedelta(days=day - {0: 0, 1: 1, 2: 2, 3: 0, 4: 1, 5: 2, 6: 3}[day % 7])
    return issued_on, issued_on + timedelta(days=14 if dice.chance() < 0.35 else 30)


def _row(dice: _Dice, invoice: str, debtor: Debtor, issued_on: date, due_on: date) -> SampleRow:
    amount = _amount(dice, debtor)
    ending = "overpaid" if dice.chance() < 0.3 and debtor.customer_id in _GENEROUS else _ending(dice)
    settled_on = due_on + timedelta(days=_days_late(dice, ending))
    # Money for what is in the books on the first day arrives later than that day.
    settled_on = _banking_day(
        max(settled_on, START_ON + timedelta(days=dice.between(2, 9)), issued_on + timedelta(days=1))
    )
    part_paid_on = _banking_day(
        max(settled_on - timedelta(days=dice.between(3, 12)), START_ON + timedelta(days=1), issued_on)
    )
    part = (amount * dice.between(2, 7) / 10).quantize(amount)
    in_part = ending in _IN_PART and part_paid_on < settled_on
    return SampleRow(
        invoice=invoice,
        customer_id=debtor.customer_id,
        customer_name=debtor.customer_name,
        email=debtor.email,
        opted_out=debtor.opted_out,
        locale=debtor.locale,
        time_zone=debtor.time_zone,
        amount=str(amount),
        currency=debtor.currency,
        issued=issued_on.isoformat(),
        due=due_on.isoformat(),
        settlement=ending if in_part or ending in ("overpaid", "never") else "full",
        settled="" if ending == "never" or (ending == "part_only" and in_part) else settled_on.isoformat(),
        part_paid=part_paid_on.isoformat() if in_part else "",
        part_amount=str(part) if in_part else "",
        overpaid=str((amount / 20).quantize(amount)) if ending == "overpaid" else "",
    )


def _banking_day(day: date) -> date:
    """Banks do not book at weekends; what is paid then arrives on Monday."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= 5 else 0)


def _amount(dice: _Dice, debtor: Debtor) -> Decimal:
    """Many small ones, few large ones; yen have no cents."""
    units = debtor.smallest + int((debtor.largest - debtor.smallest) * dice.chance() ** 3)
    cents = dice.between(0, 99)
    return Decimal(units) if debtor.currency == "JPY" else Decimal(units * 100 + cents).scaleb(-2)


def _ending(dice: _Dice) -> str:
    roll = dice.chance()
    for ending, share in _ENDINGS:
        if roll < share:
            return ending
        roll -= share
    return "never"


def _days_late(dice: _Dice, ending: str) -> int:
    return dice.between(-10, 0) if ending == "in_time" else 1 + int(44 * dice.chance() ** 2)


if __name__ == "__main__":
    SAMPLE_FILE.write_text(as_csv(generate()), encoding="utf-8")
    print(f"{len(generate())} receivables written to {SAMPLE_FILE.name}")
