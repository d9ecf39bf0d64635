"""Templates, the notices rendered from them, and what became of each attempt to send one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from domain.customers import model as customers
from domain.kernel.money import Money
from domain.kernel.pii import ADDRESS

ChannelName = customers.Channel
NoticeState = Literal[
    "queued",
    "sending",
    "sent",
    "awaiting_confirmation",
    "delivered",
    "read",
    "clicked",
    "replied",
    "bounced",
    "failed",
    "unknown",
    "cancelled",
]
Audience = Literal["customer", "staff"]
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
class Notice:
    """The rendered message of a step: text, recipient and amount never change, only what became of it does.

    It asks for the open amount less the disputed one.
    `reason` says why it failed, bounced, was cancelled or is unknown. `next_attempt_at` is in the tenant's time. `variables` are the
    values in the text, kept for channels whose providers only fill in texts of their own; `provider_message_id` is what the provider
    calls it. `delivered_at`, `read_at`, `replied_at` and `bounced_at` are when receipts say that it first happened.
    A notice that an integrator sends by itself waits since `offered_at`; it is being sent until `claimed_until`, in real time.
    An alert to the tenant's own staff (`audience`) has no contact.
    """

    id: str
    customer_id: str
    receivable_id: str
    contact_id: str | None
    case_id: str | None
    step_key: str | None
    channel: ChannelName
    template_key: str
    locale: str
    recipient: str = field(metadata=ADDRESS)
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
    variables: dict[str, str] = field(default_factory=dict)
    provider_message_id: str | None = None
    channel_account_id: str | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    replied_at: datetime | None = None
    bounced_at: datetime | None = None
    offered_at: datetime | None = None
    claimed_until: datetime | None = None
    audience: Audience = "customer"


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
    contact_id: str | None
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
    audience: Audience = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDraft:
    """What staff should hear of a customer's receivable; `variables` are the template's, formatted for `locale`.

    `recipient` is whom the channel's provider calls, such as a WeCom member id; None leaves it to the channel's account.
    """

    customer_id: str
    receivable_id: str
    case_id: str | None
    step_key: str | None
    channel: ChannelName
    template_key: str
    locale: str
    variables: dict[str, str]
    open_amount: Money
    disputed_amount: Money
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to be sent; `locale` is the language it is really in, after falling back."""

    subject: str
    body: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message as a channel gets it; `message_id` is the same at every attempt.

    Providers that only take approved texts get `template_key` and `variables` in place of subject and body.
    """

    notice_id: str
    message_id: str
    recipient: str
    subject: str
    body: str
    locale: str
    headers: dict[str, str] = field(default_factory=dict)
    template_key: str = ""
    variables: dict[str, str] = field(default_factory=dict)


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
