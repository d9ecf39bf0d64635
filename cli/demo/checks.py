"""PURE: what the outside world saw, held against what the API says. Each check returns the differences it found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from cli.demo.books import Books, Json
from cli.demo.outside import Outside

Check = Callable[[Outside, Books], Iterator[str]]

SETTLED_STATES = ("sent", "failed", "unknown", "cancelled")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's name in words, and what it found wrong."""

    title: str
    differences: tuple[str, ...]


def run_checks(outside: Outside, books: Books) -> list[CheckResult]:
    """Every check, in the order in which they are told."""
    return [CheckResult(title, tuple(check(outside, books))) for title, check in CHECKS]


def mailed_exactly_once(outside: Outside, books: Books) -> Iterator[str]:
    """A notice that was sent came once, to its recipient; one whose outcome is unknown came at most once."""
    arrivals = outside.mails_per_message()
    for notice in books.notices:
        arrived = arrivals[notice["message_id"]]
        if notice["state"] == "sent" and arrived != 1:
            yield f"notice {notice['id']} is sent, its mail came {arrived} times"
        if notice["state"] == "unknown" and arrived > 1:
            yield f"notice {notice['id']} is unknown, its mail came {arrived} times"
        if notice["state"] not in SETTLED_STATES:
            yield f"notice {notice['id']} is still {notice['state']}"


def no_mail_without_notice(outside: Outside, books: Books) -> Iterator[str]:
    """Whatever arrived is what a notice says, and that notice is not one that was never sent."""
    by_message = {notice["message_id"]: notice for notice in books.notices}
    for mail in outside.mails:
        notice = by_message.get(mail.message_id)
        if notice is None:
            yield f"mail {mail.message_id} to {mail.recipient} belongs to no notice"
        elif notice["state"] not in ("sent", "unknown"):
            yield f"mail {mail.message_id} came although notice {notice['id']} is {notice['state']}"
        elif notice["id"] not in mail.message_id:
            yield f"mail {mail.message_id} does not name its notice {notice['id']}"
        elif (mail.recipient, mail.subject) != (notice["recipient"], notice["subject"]):
            yield f"notice {notice['id']} is for {notice['recipient']}, its mail went to {mail.recipient}"


def one_notice_per_step(_outside: Outside, books: Books) -> Iterator[str]:
    """Nobody is reminded twice of the same receivable by the same step."""
    left = Counter((n["receivable_id"], n["step_key"]) for n in books.notices if n["state"] in ("sent", "unknown"))
    for (receivable_id, step_key), times in left.items():
        if times > 1:
            yield f"receivable {receivable_id} was reminded {times} times by step {step_key}"


def nobody_reminded_after_paying(outside: Outside, books: Books) -> Iterator[str]:
    """Neither did a mail arrive after the money was acknowledged, nor does the API date a notice after it."""
    external_ids = {receivable["id"]: receivable["external_id"] for receivable in books.receivables}
    by_message = {notice["message_id"]: notice for notice in books.notices}
    for mail in outside.mails:
        notice = by_message.get(mail.message_id)
        settled = outside.settled.get(external_ids.get(notice["receivable_id"], "")) if notice else None
        if settled is not None and mail.order > settled:
            yield f"mail {mail.message_id} came after its receivable was paid"
    paid_at = _paid_at(books)
    for notice in books.notices:
        at = paid_at.get(notice["receivable_id"])
        if at is not None and notice["sent_at"] is not None and notice["sent_at"] > at:
            yield f"notice {notice['id']} was sent at {notice['sent_at']}, its receivable was paid at {at}"


def settled_receivables_are_paid(outside: Outside, books: Books) -> Iterator[str]:
    """What the integrator saw settled is paid in the API, and nothing else is."""
    paid = {r["external_id"] for r in books.receivables if r["status"] == "paid"}
    yield from (
        f"receivable {one} was settled, the API does not say paid" for one in sorted(set(outside.settled) - paid)
    )
    yield from (f"receivable {one} is paid, nobody settled it" for one in sorted(paid - set(outside.settled)))
    if outside.payment_count != len(books.payments):
        yield f"{outside.payment_count} payments were recorded, the API has {len(books.payments)}"


def amounts_add_up(_outside: Outside, books: Books) -> Iterator[str]:
    """Open is what was owed less what was allocated; unapplied is what was received less what was allocated."""
    allocated: defaultdict[str, Decimal] = defaultdict(Decimal)
    for payment in books.payments:
        shares = [Decimal(allocation["amount"]["amount"]) for allocation in payment["allocations"]]
        for allocation, share in zip(payment["allocations"], shares, strict=True):
            allocated[allocation["receivable_id"]] += share
        if _amount(payment, "amount") - sum(shares) != _amount(payment, "unapplied_amount"):
            yield f"payment {payment['id']}: amount less allocations is not its unapplied amount"
    for receivable in books.receivables:
        if _amount(receivable, "amount") - allocated[receivable["id"]] != _amount(receivable, "open_amount"):
            yield f"receivable {receivable['external_id']}: amount less allocations is not its open amount"


def events_without_gaps(_outside: Outside, books: Books) -> Iterator[str]:
    """Events are numbered 1, 2, 3, ... in the order of the list."""
    for position, event in enumerate(books.events, 1):
        if event["sequence"] != position:
            yield f"event {event['id']} at place {position} has number {event['sequence']}"
            return


def every_event_delivered(outside: Outside, books: Books) -> Iterator[str]:
    """From the endpoint's registration on, each event came as a webhook with a good signature and says what the API says."""
    delivered = outside.delivered_event_ids()
    since = next((e["sequence"] for e in books.events if e["type"] == "webhook_endpoint.created"), 0)
    for event in books.events:
        if event["sequence"] > since and event["id"] not in delivered:
            yield f"event {event['sequence']} {event['type']} was not delivered"


def webhooks_are_genuine(outside: Outside, books: Books) -> Iterator[str]:
    """Every webhook that came is well signed and tells an event as the API tells it, however often it came."""
    by_id = {event["id"]: event for event in books.events}
    for hook in outside.hooks:
        event = by_id.get(hook.event_id)
        if hook.problem is not None:
            yield f"webhook {hook.event_id}: {hook.problem}"
        elif event is None:
            yield f"webhook {hook.event_id} tells an event that the API does not know"
        elif _told_by(hook.body) != _told_by_api(event):
            yield f"webhook {hook.event_id} does not say what GET /v1/events says"


def escalated_once(_outside: Outside, books: Books) -> Iterator[str]:
    """Each escalated case has exactly one escalation, each escalation an escalated or since closed case."""
    raised = Counter(escalation["case_id"] for escalation in books.escalations)
    cases = {case["id"]: case for case in books.cases}
    for case_id, times in raised.items():
        if times > 1:
            yield f"case {case_id} was escalated {times} times"
        if cases[case_id]["state"] == "active":
            yield f"case {case_id} was escalated and is still active"
    for case in books.cases:
        if case["state"] == "escalated" and case["id"] not in raised:
            yield f"case {case['id']} is escalated without an escalation"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("every sent notice was mailed exactly once, to the right mailbox", mailed_exactly_once),
    ("no mail without a notice", no_mail_without_notice),
    ("one notice per receivable and step", one_notice_per_step),
    ("nobody was reminded after paying", nobody_reminded_after_paying),
    ("what was settled is paid, and nothing else", settled_receivables_are_paid),
    ("amounts add up to the cent", amounts_add_up),
    ("events are numbered without gaps", events_without_gaps),
    ("every event was delivered", every_event_delivered),
    ("every webhook is signed and tells the truth", webhooks_are_genuine),
    ("every escalation was raised once", escalated_once),
)


def compare_with_expected(books: Books, expected: dict[str, list[str]]) -> tuple[str, ...]:
    """The notices of each judged invoice against those that the file alone leads to."""
    external_ids = {receivable["id"]: receivable["external_id"] for receivable in books.receivables}
    steps: defaultdict[str, set[str]] = defaultdict(set)
    for notice in books.notices:
        if notice["state"] in ("sent", "unknown"):
            steps[external_ids[notice["receivable_id"]]].add(notice["step_key"])
    return tuple(
        f"invoice {invoice} was reminded by {sorted(steps[invoice])}, the file says {sorted(wanted)}"
        for invoice, wanted in expected.items()
        if steps[invoice] != set(wanted)
    )


def _paid_at(books: Books) -> dict[str, str]:
    """When each paid receivable got its last money; instants in UTC compare as text."""
    last: dict[str, str] = {}
    for payment in books.payments:
        for allocation in payment["allocations"]:
            receivable_id = allocation["receivable_id"]
            last[receivable_id] = max(last.get(receivable_id, ""), payment["created_at"])
    paid = {receivable["id"] for receivable in books.receivables if receivable["status"] == "paid"}
    return {receivable_id: at for receivable_id, at in last.items() if receivable_id in paid}


def _amount(thing: Json, name: str) -> Decimal:
    return Decimal(thing[name]["amount"])


def _told_by(body: Json) -> tuple[object, ...]:
    return tuple(body.get(name) for name in ("id", "type", "sequence", "timestamp", "data"))


def _told_by_api(event: Json) -> tuple[object, ...]:
    return tuple(event[name] for name in ("id", "type", "sequence", "occurred_at", "data"))
