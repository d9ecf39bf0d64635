"""PURE: texts that a provider approved, in place of ours: which of them a notice becomes, and with which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.messaging.channel_model import Outcome, OutgoingMessage


@dataclass(frozen=True, slots=True)
class ApprovedText:
    """The provider's code of a text, and the values for it in its order, by the provider's names."""

    code: str
    values: dict[str, str]


def approved_text(templates: Mapping[str, Mapping[str, Any]], message: OutgoingMessage) -> ApprovedText | Outcome:
    """What an account's `templates` make of a message: by key and locale (`first:en`), else by key; a rejection if nothing."""
    found = templates.get(f"{message.template_key}:{message.locale}") or templates.get(message.template_key)
    if found is None:
        return Outcome("rejected", "template_not_mapped", f"The account maps no text for {message.template_key!r}.")
    missing = [name for name in found["params"] if name not in message.variables]
    if missing:
        return Outcome("rejected", "variable_missing", f"The notice has no value for {', '.join(missing)}.")
    names: Mapping[str, str] = found["names"]
    return ApprovedText(found["code"], {names.get(name, name): message.variables[name] for name in found["params"]})
