"""PURE: a predicate over customers as a condition of PostgreSQL. Whatever a tenant wrote travels as a parameter, never in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.kernel.money import Money
from domain.kernel.predicate import All, Any_, Comparison, Not, Predicate
from domain.segments.rules.fields import AMOUNTS, METADATA

_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_TYPES: Mapping[type, str] = {str: "text", int: "bigint", date: "date", Decimal: "numeric", datetime: "timestamptz"}
_TEXT_COLUMNS = ("grade", "name", "external_id", "owner_id")
_SCALARS = "('string', 'number', 'boolean')"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """When it is asked, and what customers leave to their tenant."""

    now: datetime
    time_zone: str
    locale: str


@dataclass(slots=True)
class Compiler:
    """Writes conditions of one statement over `customers c`; `first` is the number of the first parameter that is still free.

    After the last condition `join` is what belongs behind `customers c`, and `arguments` are the parameters in their order.
    """

    surroundings: Surroundings
    first: int
    arguments: list[Any] = field(default_factory=list)
    _balances: dict[str, str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    @property
    def join(self) -> str:
        """One look at what each customer owes, if any condition asks for it."""
        if not self._balances:
            return ""
        sums = ", ".join(f"{told} as {name}" for told, name in self._balances.items())
        return (
            f"cross join lateral (select {sums} from receivables r"
            " where r.tenant_id = c.tenant_id and r.customer_id = c.id and r.open_amount > 0) d"
        )

    def condition(self, predicate: Predicate) -> str:
        """An expression that is true or false, never null, exactly where `holds` is true or false."""
        match predicate:
            case All(parts):
                return f"({' and '.join(map(self.condition, parts)) or 'true'})"
            case Any_(parts):
                return f"({' or '.join(map(self.condition, parts)) or 'false'})"
            case Not(part):
                return f"(not {self.condition(part)})"
            case Comparison():
                return self._comparison(predicate)

    def _comparison(self, asked: Comparison) -> str:
        if asked.op == "is_null":
            return f"({self._is_null(asked.field)} = {'true' if asked.value else 'false'})"
        if asked.op == "contains":
            return f"({self._parameter(asked.value)} = any(c.tags))"
        value = asked.value
        told = self._amount(asked.field, value.currency) if isinstance(value, Money) else self._column(asked.field)
        if isinstance(value, tuple):
            quantor = "= any" if asked.op == "in" else "<> all"
            return f"coalesce({told} {quantor} ({self._parameter(list(value))}), false)"
        plain = value.amount if isinstance(value, Money) else value
        return f"coalesce({told} {_SIGNS[asked.op]} {self._parameter(plain)}, false)"

    def _is_null(self, name: str) -> str:
        if name == "tags":
            return "(cardinality(c.tags) = 0)"
        if name in AMOUNTS:
            owed = "count(*)" if name == "open_amount" else f"count(*) filter (where {self._is_overdue()})"
            return f"({self._balance(owed)} = 0)"
        return f"({self._column(name)} is null)"

    def _column(self, name: str) -> str:
        if name in _TEXT_COLUMNS:
            return f"c.{name}"
        if name == "locale":
            return f"coalesce(c.locale, {self._of_tenant('locale')})"
        if name == "time_zone":
            return f"coalesce(c.time_zone, {self._of_tenant('time_zone')})"
        if name == "created_on":
            return f"(c.created_at at time zone {self._of_tenant('time_zone')})::date"
        if name == "oldest_days_overdue":
            oldest = f"max({self._today()} - r.due_on) filter (where {self._is_overdue()})"
            return self._balance(f"coalesce({oldest}, 0)")
        key = self._parameter(name.removeprefix(METADATA))
        return f"case when jsonb_typeof(c.metadata -> {key}) in {_SCALARS} then c.metadata ->> {key} end"

    def _amount(self, name: str, currency: str) -> str:
        known = f"{name} {currency}"
        if known not in self._known:
            overdue = f" and {self._is_overdue()}" if name == "overdue_amount" else ""
            total = f"sum(r.open_amount) filter (where r.currency = {self._parameter(currency)}{overdue})"
            self._known[known] = self._balance(total)
        return self._known[known]

    def _balance(self, told: str) -> str:
        return f"d.{self._balances.setdefault(told, f'b{len(self._balances)}')}"

    def _is_overdue(self) -> str:
        return f"(not r.due_on_is_provisional and r.due_on < {self._today()})"

    def _today(self) -> str:
        """The day where the customer lives."""
        zone = self._column("time_zone")
        return f"({self._of_tenant('now')} at time zone {zone})::date"

    def _of_tenant(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._parameter(getattr(self.surroundings, name))
        return self._known[name]

    def _parameter(self, value: Any) -> str:
        kind = f"{_TYPES[type(value[0])]}[]" if isinstance(value, list) else _TYPES[type(value)]
        self.arguments.append(value)
        return f"${self.first + len(self.arguments) - 1}::{kind}"
