"""PURE: what is known of a case at the moment of deciding, gathered by the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from domain.customers.model import ContactRole
from domain.dunning.rules.pay_day import PayDay
from domain.dunning.rules.rounds import Entry, Round
from domain.kernel.calendar import local_date
from domain.kernel.money import Money
from domain.kernel.records import record
from domain.messaging.contact_policy_model import ContactPolicy
from domain.messaging.rules.contact_policy import Answer, Contacted, ContactRequest
from domain.messaging.rules.contact_policy import gate as ask

CaseState = Literal["active", "escalated", "closed"]
CloseReason = Literal["paid", "written_off", "cancelled", "stopped"]
SettledAs = Literal["paid", "written_off", "cancelled"]
OutcomeKind = Literal["done", "skipped", "held"]
ApprovalState = Literal["open", "approved", "rejected"]


@record(frozen=True, slots=True, kw_only=True)
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
class Writing:
    """A notice of the batch in hand: to whom, through what, for which step, and of which cases together."""

    combined_as: str | None
    step_key: str
    contact_id: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactGate:
    """What the contact policy needs to answer for one customer: where it lives, whose holidays it keeps, and who contacted it when."""

    policy: ContactPolicy
    time_zone: str
    country: str | None
    history: tuple[Contacted, ...] = ()
    in_hand: tuple[Writing, ...] = ()
    """What is written to the customer in the same batch of decisions."""
    combined_as: str | None = None
    """What the case shares notices with: cases of the same mark that come to the same step have one together."""

    def answer(self, contact: ContactFacts, channel: str, now: datetime, step_key: str = "") -> Answer:
        """Whether `contact` may be written to through `channel` at `now`; the notice that the step shares does not stand in its way."""
        own = Writing(combined_as=self.combined_as, step_key=step_key, contact_id=contact.id, channel=channel)
        others = (one for one in self.in_hand if one.combined_as is None or one != own)
        in_hand = (Contacted(at=now, channel=one.channel, contact_id=one.contact_id) for one in others)
        request = ContactRequest(
            contact_id=contact.id,
            channel=channel,
            time_zone=contact.time_zone or self.time_zone,
            country=self.country,
            opted_out=contact.opted_out if channel == "email" else channel in contact.opted_out_channels,
            is_third_party=contact.role == "third_party",
        )
        return ask(self.policy, request, (*self.history, *in_hand), now)


@record(frozen=True, slots=True, kw_only=True)
class LastOccurrence:
    """The last time a step was decided in this case.

    `withdrawn` says that the step is to be decided again: its notice was cancelled before it was sent, because amount or address had
    changed meanwhile, or it has to be followed by another one (`again_because`), as `rules/following.py` says.
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
    left_at: datetime | None = None
    """When its notice was sent."""
    tried_before: frozenset[str] = frozenset()
    """The `tried` of this step's earlier occurrences."""
    again_because: str | None = None
    again_at: datetime | None = None
    """When it is, or will be, decided again because nobody has read its notice by then."""
    new_due_on: date | None = None
    """By when the last notice of this step that reached, or may still reach, the customer asks to be paid, if it says so."""
    earlier_notices: int = 0
    """How many notices of this step, besides the one of `reminded_at`, reached or may still reach the customer."""
    would_be: OutcomeKind | None = None
    """What it would have come to, had the plan not only been tried then."""
    would_use: str | None = None
    """Through which channel it would have written."""
    elsewhere: bool = False
    """Whether it was about another debt of the account, or in an earlier round: of this one the step is to be decided."""

    @property
    def is_again(self) -> bool:
        """Whether the step has been reached and is to be carried out once more; other withdrawn ones are to be reached anew."""
        return self.withdrawn and (self.again_because is not None or self.outcome == "held")

    @property
    def tried(self) -> frozenset[str]:
        """The channels of this step's notices so far, through which it is not written again: all but those cancelled or bounced."""
        is_void = self.notice_state in (None, "cancelled", "bounced") or (self.withdrawn and self.again_because is None)
        return (
            self.tried_before if is_void or self.notice_channel is None else self.tried_before | {self.notice_channel}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFacts:
    """What somebody said, or has still to say, of one step falling due."""

    id: str
    state: ApprovalState


@record(frozen=True, slots=True, kw_only=True)
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
    pay_day: PayDay | None = None
    """The customer's habit; None without one, or where the plan does not go by it."""
    heard_at: datetime | None = None
    """When the customer was last heard of, as far as the plan asks for it: answered, paid, was reached, or contested something."""
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
    asks_nobody: bool = False
    """Whether steps that somebody has to approve go on without asking, as in a plan that is only tried."""
    entry: Entry | None = None
    """How the debt enters the plan if it was old already when it came and that changes anything."""
    so_far: Round | None = None
    """What an account's round has come to if it was about another debt before."""
    more_due_on: date | None = None
    """When the next debt of an account falls due that its notice of today does not name."""

    @property
    def due_amount(self) -> Money:
        """What the customer is reminded of: what is open and not disputed."""
        return self.open_amount - self.disputed_amount if self.disputed_amount else self.open_amount

    @property
    def is_settled(self) -> bool:
        """Whether nothing is owed any more."""
        return not self.open_amount

    @property
    def is_escalated(self) -> bool:
        """Whether a step has taken the case out of the ladder."""
        past = self.occurrences
        return bool(past) and any(one.is_escalation and one.outcome == "done" for one in past.values())

    @property
    def last_reminded_on(self) -> date | None:
        """The day, where the customer lives, of the last notice of this receivable."""
        last = max((past.reminded_at for past in self.occurrences.values() if past.reminded_at), default=None)
        return local_date(last, self.time_zone) if last else None

    @property
    def notices_sent(self) -> int:
        """How many notices have reached, or may still reach, the customer."""
        return sum(past.earlier_notices + (past.reminded_at is not None) for past in self.occurrences.values())

    @property
    def last_notice(self) -> LastOccurrence | None:
        """The step that made the latest notice, whatever became of it."""
        made = [past for past in self.occurrences.values() if past.notice_state and past.decided_at]
        return max(made, key=_decided_at, default=None)


def decided_again(before: LastOccurrence | None, last: LastOccurrence) -> LastOccurrence:
    """A step's later occurrence, with what the earlier one of the same step leaves behind."""
    if before is None:
        return last
    written = before.reminded_at is not None and last.reminded_at is not None
    return replace(
        last,
        reminded_at=last.reminded_at or before.reminded_at,
        earlier_notices=before.earlier_notices + written,
        tried_before=before.tried,
        new_due_on=last.new_due_on or before.new_due_on,
    )


def new_due_date(occurrences: Iterable[LastOccurrence]) -> date | None:
    """The due date that the last notice set which reached, or may still reach, the customer; None if none did."""
    setting = [past for past in occurrences if past.new_due_on is not None and past.decided_at is not None]
    return max(setting, key=_decided_at).new_due_on if setting else None


def _decided_at(past: LastOccurrence) -> datetime:
    assert past.decided_at is not None
    return past.decided_at
