"""Fields that many inputs share, and how inputs become arguments of use cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.kernel.shapes import converted

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Amount = Annotated[str, msgspec.Meta(max_length=24, pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$")]

S = TypeVar("S", bound=msgspec.Struct)


class MoneyIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An amount: a decimal string with at most the currency's digits, and its ISO 4217 code."""

    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]

    def money(self, pointer: str = "") -> Money:
        """The exact amount; raises InvalidInput at `pointer` if the currency does not have it."""
        try:
            return Money.parse(self.amount, self.currency)
        except InvalidInput as wrong:
            errors = tuple(FieldError(f"{pointer}{e.pointer}", e.code, e.detail) for e in wrong.errors)
            raise InvalidInput(wrong.code, wrong.detail, errors) from wrong


def given(data: msgspec.Struct) -> dict[str, Any]:
    """The fields that an input names; those a PATCH leaves out stay as they are."""
    fields = ((name, getattr(data, name)) for name in data.__struct_fields__)
    return {name: value for name, value in fields if value is not msgspec.UNSET}


def validated(kind: type[S], values: dict[str, Any]) -> S:
    """`values` as an input of `kind`; raises InvalidInput with a pointer, exactly as a JSON body would."""
    return converted(kind, values)
