"""Notice intents: notices of a channel that an integrator serves, handed out for a while to be sent by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.messaging.model import Notice

AckOutcome = Literal["sent", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeIntent:
    """A notice to be sent by whoever holds its lease, with the recipient, the whole text and the values in it.

    `attempt` counts the times it was handed out. `possibly_sent` says that an earlier lease ended without a word: whoever had it
    may have sent the notice, so the integrator should look before it sends. `leased_until` is in real time.
    """

    notice: Notice
    lease_token: str
    leased_until: datetime
    attempt: int
    possibly_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedNotices:
    """What one claim handed out, the longest waiting first."""

    intents: list[NoticeIntent]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCheck:
    """Whether a notice is still wanted at this moment; if not, `reason` says why and it is not to be sent."""

    is_wanted: bool
    reason: str | None
    notice: Notice
