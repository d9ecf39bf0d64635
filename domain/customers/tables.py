"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Array, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class CustomerRow(Table, tablename="customers", db=DB):
    """Rows of `customers`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    external_id = Text(default=None, null=True)
    name = Text(default=None)
    locale = Text(default=None, null=True)
    time_zone = Text(default=None, null=True)
    metadata = JSONB(default=None)
    owner_id = Text(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    grade = Text(default=None, null=True)


class ContactRow(Table, tablename="contacts", db=DB):
    """Rows of `contacts`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    customer_id = Text(default=None)
    name = Text(default=None)
    role = Text(default=None)
    locale = Text(default=None, null=True)
    opted_out_channels = Array(base_column=Text(default=None), default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    sealed_email = Bytea(default=None, null=True)
    email_hash = Bytea(default=None, null=True)
    sealed_phone = Bytea(default=None, null=True)
    invalid_addresses = JSONB(default=None)
    sealed_addresses = Bytea(default=None, null=True)


class ContactAddressRow(Table, tablename="contact_addresses", db=DB):
    """Rows of `contact_addresses`."""

    tenant_id = Text(default=None)
    contact_id = Text(default=None)
    customer_id = Text(default=None)
    channel = Text(default=None)
    address_hash = Bytea(default=None)
