"""Templates, the notices rendered from them, and what became of each attempt to send one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from domain.kernel.money import Money
from domain.kernel.pii import ADDRESS
from domain.kernel.records import record
from domain.messaging.contact_policy_model import PolicyAnswer

ChannelName = str
Tone = Literal["friendly", "neutral", "formal", "firm", "final"]
Value = str | list[dict[str, str]]
"""What a template's variable holds: a text, or the fields of each receivable."""
NoticeState = Literal[
    "proposed",
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
    """A tenant's own text; it wins over the shipped one of the same key, channel, locale and tone. Without a tone it is for any."""

    id: str
    key: str
    channel: ChannelName
    locale: str
    tone: Tone | None = None
    subject: str
    body: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """What a template said from one of its versions to the next; it never changes."""

    template_id: str
    number: int
    subject: str
    body: str
    created_by: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePreview:
    """What a template makes of real or sample data: the text that would be sent, its length in the channel's unit, and what is odd.

    `template_id` says which text it was, as a notice does; None if it is not saved. `pdf_base64` is the letter, if one was asked for.
    """

    channel: ChannelName
    locale: str
    tone: Tone | None
    template_id: str | None
    template_version: int | None
    subject: str
    body: str
    length: int
    length_limit: int
    length_unit: Literal["characters", "bytes"]
    warnings: list[str]
    pdf_base64: str | None


@record(frozen=True, slots=True, kw_only=True)
class ReceivableLine:
    """One of the receivables that a notice is about."""

    receivable_id: str
    number: str
    issued_on: date
    due_on: date
    amount: Money
    open_amount: Money
    disputed_amount: Money

    @property
    def due_amount(self) -> Money:
        """What the customer is asked for: what is open and not disputed."""
        return self.open_amount - self.disputed_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The notice as a numbered document; hash, pages and size (bytes) are known once its pages are made."""

    number: str
    sha256: str | None
    pages: int | None
    size: int | None
    new_due_on: date | None


@dataclass(frozen=True, slots=True)
class LetterSettings:
    """How the tenant's letters are numbered: `{year}` and `{number}`, which begins again with each year and has no gaps."""

    number_format: str
    version: int
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFile:
    """A letter's file, a PDF/A-2b: the same bytes each time."""

    notice_id: str
    number: str
    sha256: str
    pages: int
    size: int
    content: bytes


@record(frozen=True, slots=True, kw_only=True)
class NoticeReceivable:
    """One of several receivables that a notice names, as it was then."""

    receivable_id: str
    case_id: str | None
    number: str
    issued_on: date
    due_on: date
    open_amount: Money
    disputed_amount: Money


@record(frozen=True, slots=True, kw_only=True)
class Notice:
    """The rendered message of a step: text, recipient and amount never change, only what became of it does.

    It asks for the open amount less the disputed one. One that names several receivables has them in `receivables`, the oldest of which
    `receivable_id` is, and its amounts are the sums; one about a single receivable has none there. `template_id` is the own template,
    with its version, or `shipped:<key>@<locale>`; `template_sha256` the hash of the text as it was written. `new_due_on` is by when it
    asks to be paid, where the step gave a day. `reason` says why it failed, bounced, was cancelled or is unknown, or which rule of the
    contact policy keeps it back until `next_attempt_at`, which is in the tenant's time. `contact_policy` is what the policy said when
    it was queued, null without one. `variables` are the values in the text, kept for channels whose providers only fill in texts of
    their own; `provider_message_id` is what the provider calls it. `delivered_at`, `read_at`, `replied_at` and `bounced_at` are when
    receipts say that it first happened. A notice that an integrator sends by itself waits since `offered_at`; it is being sent until
    `claimed_until`, in real time. An alert to the tenant's own staff (`audience`) has no contact.
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
    contact_policy: PolicyAnswer | None = None
    tone: Tone | None = None
    template_id: str | None = None
    template_version: int | None = None
    template_sha256: str | None = None
    new_due_on: date | None = None
    letter: Letter | None = None
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


@record(frozen=True, slots=True, kw_only=True)
class NoticeDraft:
    """What the engine wants said, to whom; `variables` are the template's, already formatted for `locale`.

    `receivables` is all that it is about, empty for a single one without a letter. `dated_on` is the customer's calendar day, from which
    `new_due_days` count; without it, the tenant's. `letter` asks for a numbered document: the message itself on the channel `letter`, an
    attachment on others.
    """

    customer_id: str
    receivable_id: str
    contact_id: str | None
    case_id: str | None
    step_key: str | None
    channel: ChannelName
    template_key: str
    locale: str
    recipient: str
    variables: Mapping[str, Value]
    open_amount: Money
    disputed_amount: Money
    due_on: date | None
    contact_policy: PolicyAnswer | None = None
    tone: Tone | None = None
    receivables: tuple[ReceivableLine, ...] = ()
    """All that it is about, for its text."""
    named: tuple[NoticeReceivable, ...] = ()
    """All that it names, as the notice keeps them, if that are several."""
    letter: bool = False
    new_due_days: int | None = None
    dated_on: date | None = None
    audience: Audience = "customer"
    proposed: bool = False
    """Whether it waits for somebody to release it."""


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
    variables: dict[str, Value]
    open_amount: Money
    disputed_amount: Money
    recipient: str | None = None
