"""PURE: what is known of a case at the moment of deciding, gathered by the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from domain.customers.model import ContactRole
from domain.dunning.rules.rounds import Entry, Round
from domain.kernel.calendar import local_date
from domain.kernel.money import Money
from domain.messaging.contact_policy_model import ContactPolicy
from domain.messaging.rules.contact_policy import Answer, Contacted, ContactRequest
from domain.messaging.rules.contact_policy import gate as ask

CaseState = Literal["active", "escalated", "closed"]
CloseReason = Literal["paid", "written_off", "cancelled", "stopped"]
SettledAs = Literal["paid", "written_off", "cancelled"]
OutcomeKind = Literal["done", "skipped", "held"]
ApprovalState = Literal["open", "approved", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """A contact who might be written to; addresses are sealed.

    `addresses` are those of channels that have no field of their own. `opted_out` is about e-mail.
    """

    id: str
    name: str
    role: ContactRole
    sealed_email: bytes | None
    sealed_phone: bytes | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    locale: str | None
    opted_out: bool
    opted_out_channels: frozenset[str] = frozenset()
    time_zone: str | None = None
    """None where the customer's holds."""
    invalid_channels: tuple[str, ...] = ()
    """Channels on which this contact's address takes no messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactGate:
    """What the contact policy needs to answer for one customer: where it lives, whose holidays it keeps, and who contacted it when."""

    policy: ContactPolicy
    time_zone: str
    country: str | None
    history: tuple[Contacted, ...] = ()

    def answer(self, contact: ContactFacts, channel: str, now: datetime) -> Answer:
        """Whether `contact` may be written to through `channel` at `now`."""
        request = ContactRequest(
            contact_id=contact.id,
            channel=channel,
            time_zone=contact.time_zone or self.time_zone,
            country=self.country,
            opted_out=contact.opted_out if channel == "email" else channel in contact.opted_out_channels,
            is_third_party=contact.role == "third_party",
        )
        return ask(self.policy, request, self.history, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastOccurrence:
    """The last time a step was decided in this case.

    `withdrawn` says that its notice was cancelled before it was sent, because amount or address had changed meanwhile, or that it
    bounced and nothing was written since: nobody was reminded, so the step is to be decided again.
    """

    number: int
    outcome: OutcomeKind
    reasons: tuple[str, ...] = ()
    is_escalation: bool = False
    withdrawn: bool = False
    reminded_at: datetime | None = None
    """When it made a notice that reached, or may still reach, the customer."""
    due_at: datetime | None = None
    decided_at: datetime | None = None
    branch: int | None = None
    """Which of the step's branches was taken, counted from 0."""
    notice_state: str | None = None
    notice_channel: str | None = None
    elsewhere: bool = False
    """Whether it was about another debt of the account, or in an earlier round: of this one the step is to be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFacts:
    """What somebody said, or has still to say, of one step falling due."""

    id: str
    state: ApprovalState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """Everything that a decision depends on besides the plan's steps and the time."""

    due_on: date
    due_on_is_provisional: bool = False
    """Whether the due date still waits for the day that the payment terms are anchored on."""
    time_zone: str
    open_amount: Money
    unapplied_amount: Money
    disputed_amount: Money
    """What of the open amount the customer contests."""
    settled_as: SettledAs = "paid"
    """How it came that nothing is owed, once nothing is."""
    contacts: tuple[ContactFacts, ...] = ()
    occurrences: Mapping[str, LastOccurrence] = field(default_factory=dict)
    grace_days: int = 0
    """By how many days this receivable's steps after the due date come later."""
    minimum_days_between: int = 0
    """How many days two notices of this receivable are apart at least; 0 if that does not matter."""
    held_until: datetime | None = None
    """Until when a hold keeps the receivable or its customer; `WITHOUT_END` of the holds if nobody said."""
    gate: ContactGate | None = None
    """The tenant's contact policy, ready to answer for this customer; None where there is none to ask."""
    issued_on: date | None = None
    new_due_on: date | None = None
    """The due date that the last notice set, None if none did."""
    promised_on: date | None = None
    discount_until: date | None = None
    """The last day on which the discount for paying early is earned; None without one."""
    grade: str | None = None
    tags: frozenset[str] = frozenset()
    locale: str | None = None
    delay_reason: str | None = None
    usable_channels: frozenset[str] | None = None
    """Channels through which something can leave at all; None where nobody had to ask."""
    approvals: Mapping[tuple[str, int], ApprovalFacts] = field(default_factory=dict)
    """By the key of a step and the number of its occurrence."""
    entry: Entry | None = None
    """How the debt enters the plan if it was old already when it came and that changes anything."""
    so_far: Round | None = None
    """What an account's round has come to if it was about another debt before."""
    more_due_on: date | None = None
    """When the next debt of an account falls due that its notice of today does not name."""

    @property
    def due_amount(self) -> Money:
        """What the customer is reminded of: what is open and not disputed."""
        return self.open_amount - self.disputed_amount

    @property
    def is_settled(self) -> bool:
        """Whether nothing is owed any more."""
        return not self.open_amount

    @property
    def is_escalated(self) -> bool:
        """Whether a step has taken the case out of the ladder."""
        return any(past.is_escalation and past.outcome == "done" for past in self.occurrences.values())

    @property
    def last_reminded_on(self) -> date | None:
        """The day, where the customer lives, of the last notice of this receivable."""
        last = max((past.reminded_at for past in self.occurrences.values() if past.reminded_at), default=None)
        return local_date(last, self.time_zone) if last else None

    @property
    def notices_sent(self) -> int:
        """How many steps have made a notice that reached, or may still reach, the customer."""
        return sum(past.reminded_at is not None for past in self.occurrences.values())

    @property
    def last_notice(self) -> LastOccurrence | None:
        """The step that made the latest notice, whatever became of it."""
        made = [past for past in self.occurrences.values() if past.notice_state and past.decided_at]
        return max(made, key=_decided_at, default=None)


def _decided_at(past: LastOccurrence) -> datetime:
    assert past.decided_at is not None
    return past.decided_at
