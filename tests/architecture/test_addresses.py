"""Whatever the API shows of a person's addresses is marked as such, so that it is masked without pii:read."""

from __future__ import annotations

from api.graphql.mapping import _GRAPH_TYPES, _fields
from api.graphql.schema import schema

ADDRESSES = ("email", "phone", "mobile", "recipient", "address")
# What is no way to reach a person: type and field, with the reason.
NO_ADDRESS: dict[str, str] = {"AuditEntry.address": "the IP address of a machine, which only auditors read"}


def test_every_field_that_is_called_like_an_address_is_marked_as_one() -> None:
    assert schema is not None
    bare = {
        f"{source.__name__}.{field.name}"
        for source in _GRAPH_TYPES
        for field in _fields(source)
        # What is a struct is not looked into when addresses are masked.
        if any(word in field.name.split("_") for word in ADDRESSES) and "pii" not in getattr(field, "metadata", {})
    }
    assert bare == set(NO_ADDRESS)
