"""PURE: what a provider's refusal means for a message, in one vocabulary for all providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from domain.messaging.channel_model import Outcome
from workers.http import HttpAnswer

Fault = Literal["permanent_address", "permanent_content", "opted_out", "auth", "rate_limited", "transient", "unknown"]

_KINDS: dict[Fault, Literal["rejected", "retryable", "unknown"]] = {
    "permanent_address": "rejected",
    "permanent_content": "rejected",
    "opted_out": "rejected",
    # A provider that refuses us says nothing about the message: somebody will put that right.
    "auth": "retryable",
    "rate_limited": "retryable",
    "transient": "retryable",
    "unknown": "unknown",
}
_LONGEST_DETAIL = 500


def outcome_of(fault: Fault, code: str, detail: str, retry_after: int | None = None) -> Outcome:
    """The outcome of a message that was not accepted."""
    return Outcome(
        _KINDS[fault],
        code,
        detail[:_LONGEST_DETAIL],
        retry_after=retry_after,
        invalid_address=fault == "permanent_address",
        opted_out=fault == "opted_out",
    )


def fault_of(code: str, exact: Mapping[str, Fault], beginnings: Iterable[tuple[str, Fault]]) -> Fault:
    """What a code means: as it stands, else by the first beginning that fits."""
    if code in exact:
        return exact[code]
    return next((fault for beginning, fault in beginnings if code.startswith(beginning)), "unknown")


def window_in(said: str, windows: Iterable[tuple[str, int]]) -> int:
    """The seconds to wait after a refusal that names the window that is full; a minute where it names none that we know."""
    return next((seconds for word, seconds in windows if word in said), 60)


def not_answered(answer: HttpAnswer, provider: str) -> Outcome:
    """No answer came. Once the request may have been read, a provider without idempotency is never asked again."""
    code = answer.error or "no_answer"
    if answer.sent:
        return Outcome("unknown", code, f"{provider} may have taken the message; its answer did not come.")
    return Outcome("retryable", code, f"{provider} could not be reached.")


def not_understood(answer: HttpAnswer, provider: str) -> Outcome:
    """An answer that is not the provider's; a gateway that refuses (4xx) has passed nothing on, anything else may have."""
    status = answer.status or 0
    told = f"{provider} answered {status} with something else than its format."
    if status == 429:
        return outcome_of("rate_limited", "http_429", told, retry_after_of(answer))
    if 400 <= status < 500:
        return outcome_of("transient", f"http_{status}", told)
    return Outcome("unknown", "invalid_answer", told)


def retry_after_of(answer: HttpAnswer) -> int | None:
    """The header Retry-After in seconds; None where it is a date or missing."""
    text = answer.headers.get("retry-after", "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None
