"""What a client may say of segments."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Name

Predicate = dict[str, Any]


class NewSegment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A question about customers: `all`, `any` and `not` of comparisons such as `{"field": "grade", "op": "eq", "value": "C"}`."""

    name: Name
    predicate: Predicate


class SegmentPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    predicate: Predicate | UnsetType = UNSET
