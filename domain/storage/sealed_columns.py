"""Every column of the database that holds something sealed: what a change of keys has to go through.

A test compares this list with the columns called `sealed_*`, so that no such column can be added and forgotten here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.storage.data_keys import key_place

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """One column. `key` finds a row within its tenant; `place` is what the row's value is bound to."""

    table: str
    column: str
    key: dict[str, str]
    place: Callable[[Any], Place]
    place_by_server: Callable[[Any], Place] | None = None
    """Where the value was sealed before tenants had keys: with the server's key, at this place."""

    @property
    def name(self) -> str:
        """`contacts.sealed_email`."""
        return f"{self.table}.{self.column}"


def _of_row(table: str, field: str) -> SealedColumn:
    return SealedColumn(
        table=table,
        column=f"sealed_{field}",
        key={"id": "text"},
        place=lambda row: (table, row["id"], field),
    )


BY_TENANT = (
    _of_row("contacts", "email"),
    _of_row("contacts", "phone"),
    _of_row("contacts", "addresses"),
    _of_row("channel_accounts", "credentials"),
    _of_row("channel_accounts", "callback_secret"),
    _of_row("notices", "recipient"),
    SealedColumn(
        table="events",
        column="sealed_pii",
        key={"sequence": "bigint", "id": "text"},
        place=lambda row: ("events", row["id"], "pii"),
    ),
    SealedColumn(
        table="operation_chunks",
        column="sealed_content",
        key={"operation_id": "text", "number": "integer"},
        place=lambda row: ("operation_chunks", f"{row['operation_id']}/{row['number']}", "content"),
    ),
    SealedColumn(
        table="webhook_endpoints",
        column="sealed_secret",
        key={"id": "text"},
        place=lambda row: ("webhook_endpoints", row["id"], "secret"),
        place_by_server=lambda row: (row["tenant_id"], "webhook_endpoints", row["id"]),
    ),
    _of_row("users", "email"),
    _of_row("users", "totp_secret"),
    _of_row("identity_providers", "client_secret"),
    _of_row("bank_statement_lines", "counterparty_account"),
)
"""Sealed with the keys of the row's tenant."""

WRAPPED_KEYS = SealedColumn(
    table="data_keys",
    column="sealed_key",
    key={"number": "integer"},
    place=lambda row: key_place(row["tenant_id"], row["number"]),
)
SIGNING_KEYS = SealedColumn(
    table="signing_keys",
    column="sealed_private_key",
    key={"id": "text"},
    place=lambda row: ("signing_keys", row["id"]),
)
BY_SERVER = (WRAPPED_KEYS, SIGNING_KEYS)
"""Sealed with the server's key."""

NEVER_RESEALED = {
    "idempotency_keys.sealed_body": "sealed with the server's key and forgotten after a day: keep the old key listed that long",
}
