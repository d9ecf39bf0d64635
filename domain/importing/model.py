"""The words of imports."""

from __future__ import annotations

from typing import Literal

ImportKind = Literal["receivables", "customers"]
