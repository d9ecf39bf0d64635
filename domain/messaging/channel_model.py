"""What a channel is given, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.kernel.records import record
from domain.messaging.model import OutcomeKind


@record(frozen=True, slots=True)
class Rendered:
    """A text ready to be sent; `locale` is the language it is really in, after falling back, and the rest says where it comes from."""

    subject: str
    body: str
    locale: str
    template_id: str | None = None
    template_version: int | None = None
    template_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message as a channel gets it; `message_id` is the same at every attempt.

    Providers that only take approved texts get `template_key` and `variables` in place of subject and body. `unsubscribe_token`
    stands in the link by which the recipient stops such messages; "" where there must be none, as in a letter.
    """

    notice_id: str
    message_id: str
    recipient: str
    subject: str
    body: str
    locale: str
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    template_key: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    unsubscribe_token: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel knows of one message.

    accepted: the provider has it. retryable: it surely has not, and may take it later. rejected: it never will.
    unknown: it may have it; sending again could remind twice. `provider_message_id` is what its receipts will name.
    `retry_after` is for how many seconds at least a provider does not want to see a retryable message again.
    `invalid_address` says of a rejection that the address takes no messages; `awaits_confirmation` of an acceptance that a
    person still has to confirm it. `opted_out` says that the recipient told the provider to pass nothing on any more.
    """

    kind: OutcomeKind
    code: str
    detail: str
    provider_message_id: str | None = None
    retry_after: int | None = None
    invalid_address: bool = False
    awaits_confirmation: bool = False
    opted_out: bool = False


class Channel(Protocol):
    """A way out of the house."""

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over; answers one outcome for each in their order. A bad message does not stop the others."""
        ...
