"""What migration 0050 does with contacts of older versions: keeps a hash of each phone number, by which its contact is found.

It is done once and belongs to that migration: it must not change when the program learns to store addresses in other ways.
"""

from __future__ import annotations

from typing import Any

from domain.kernel.phones import PHONE_PLACE, phone_digits
from domain.storage.data_keys import load_keys
from domain.storage.migrate import sealer_for_migration
from domain.storage.sealing import TenantKeys

_BATCH = 2000


async def hash_phones(connection: Any) -> None:
    """Goes through all contacts with a phone number, in batches; raises RuntimeError if there are any and no server key was given."""
    last = ("", "")
    keys: dict[str, TenantKeys] = {}
    while rows := await connection.fetch(
        "select tenant_id, id, customer_id, sealed_phone from contacts where sealed_phone is not null"
        f" and (tenant_id, id) > ($1, $2) order by tenant_id, id limit {_BATCH}",
        *last,
    ):
        last = rows[-1]["tenant_id"], rows[-1]["id"]
        for tenant_id in {row["tenant_id"] for row in rows} - keys.keys():
            keys = {**keys, tenant_id: await load_keys(connection, tenant_id, sealer_for_migration())}
        await connection.executemany(
            "insert into contact_addresses (tenant_id, contact_id, customer_id, channel, address_hash)"
            f" values ($1, $2, $3, '{PHONE_PLACE}', $4)",
            [(row["tenant_id"], row["id"], row["customer_id"], _hash(keys[row["tenant_id"]], row)) for row in rows],
        )


def _hash(keys: TenantKeys, row: Any) -> bytes:
    number = keys.open(row["sealed_phone"], "contacts", row["id"], "phone").decode()
    return keys.search_hash(f"{PHONE_PLACE}:{phone_digits(number)}")
