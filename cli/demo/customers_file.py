"""The customers of a history as the CSV file that POST /v1/imports?kind=customers takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from cli.demo.history import Debtor

_FIELDS = ("external_id", "name", "email", "locale", "time_zone")
CUSTOMER_MAPPING = {"columns": {name: name for name in _FIELDS}}


def customers_csv(debtors: Iterable[Debtor]) -> str:
    """One line for each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_FIELDS)
    writer.writerows([getattr(debtor, name) for name in _FIELDS] for debtor in debtors)
    return out.getvalue()
