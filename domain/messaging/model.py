"""Templates, the notices rendered from them, and what became of each attempt to send one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from domain.customers import model as customers
from domain.kernel.money import Money
from domain.kernel.pii import EMAIL

ChannelName = customers.Channel
NoticeState = Literal["queued", "sending", "sent", "failed", "unknown", "cancelled"]
OutcomeKind = Literal["accepted", "retryable", "rejected", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A tenant's own text; it wins over the shipped one of the same key, channel and locale."""

    id: str
    key: str
    channel: ChannelName
    locale: str
    subject: str
    body: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceivable:
    """One of several receivables that a notice names, as it was then."""

    receivable_id: str
    case_id: str | None
    number: str
    issued_on: date
    due_on: date
    open_amount: Money
    disputed_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The rendered message of a step: text, recipient and amount never change, only what became of it does.

    It asks for the open amount less the disputed one. One that names several receivables has them in `receivables`, the oldest of
    which `receivable_id` is, and its amounts are the sums; one about a single receivable has none there.
    `reason` says why it failed, was cancelled or is unknown. `next_attempt_at` is in the tenant's time.
    """

    id: str
    customer_id: str
    receivable_id: str
    contact_id: str
    case_id: str | None
    step_key: str | None
    channel: ChannelName
    template_key: str
    locale: str
    recipient: str = field(metadata=EMAIL)
    subject: str
    body: str
    open_amount: Money
    disputed_amount: Money
    due_on: date | None
    message_id: str
    state: NoticeState
    reason: str | None
    attempt_count: int
    next_attempt_at: datetime | None
    version: int
    created_at: datetime
    sent_at: datetime | None
    receivables: list[NoticeReceivable] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to send a notice; `code` is stable (`smtp_250`), `detail` is what the other side said."""

    notice_id: str
    number: int
    outcome: OutcomeKind
    code: str
    detail: str
    attempted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDraft:
    """What the engine wants said, to whom; `variables` are the template's, already formatted for `locale`."""

    customer_id: str
    receivable_id: str
    contact_id: str
    case_id: str | None
    step_key: str | None
    channel: ChannelName
    template_key: str
    locale: str
    recipient: str
    variables: dict[str, str]
    open_amount: Money
    disputed_amount: Money
    due_on: date | None
    receivables: tuple[NoticeReceivable, ...] = ()
    """All that it names, if that are several."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to be sent; `locale` is the language it is really in, after falling back."""

    subject: str
    body: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message as a channel gets it; `message_id` is the same at every attempt."""

    notice_id: str
    message_id: str
    recipient: str
    subject: str
    body: str
    locale: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel knows of one message.

    accepted: the provider has it. retryable: it surely has not, and may take it later. rejected: it never will.
    unknown: it may have it; sending again could remind twice.
    """

    kind: OutcomeKind
    code: str
    detail: str


class Channel(Protocol):
    """A way out of the house."""

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over; answers one outcome for each in their order. A bad message does not stop the others."""
        ...
