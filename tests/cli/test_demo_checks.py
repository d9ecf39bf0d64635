"""The demo's cross-checks: silent on a sound story, and each deliberate fault is found by the check that is made for it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cli.demo.books import Books
from cli.demo.checks import CHECKS, compare_with_expected, run_checks
from cli.demo.outside import Hook, Mail, Outside

Fault = Callable[[Outside, Books], None]


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def notice(number: int, receivable_id: str, state: str, sent_at: str | None, step_key: str) -> dict[str, Any]:
    return {
        "id": f"ntc_{number}",
        "message_id": f"<ntc_{number}@dunwell.example>",
        "receivable_id": receivable_id,
        "step_key": step_key,
        "state": state,
        "sent_at": sent_at,
        "recipient": f"{receivable_id}@mail.example",
        "subject": f"Reminder {number}",
    }


def event(sequence: int, kind: str) -> dict[str, Any]:
    return {
        "id": f"evt_{sequence}",
        "sequence": sequence,
        "type": kind,
        "occurred_at": "2026-03-02T01:00:00Z",
        "object_id": f"obj_{sequence}",
        "data": {"object": {"id": f"obj_{sequence}"}},
    }


def sound_books() -> Books:
    """One receivable paid after a reminder and with a surplus, one reminded twice, of which once perhaps, and escalated."""
    return Books(
        customers=[],
        receivables=[
            receivable("rcv_1", "INV-1", "100.00", "0.00", "paid"),
            receivable("rcv_2", "INV-2", "80.00", "50.00", "partly_paid"),
        ],
        payments=[
            payment("pay_1", "120.00", "20.00", "rcv_1", "100.00", "2026-03-12T22:00:00Z"),
            payment("pay_2", "30.00", "0.00", "rcv_2", "30.00", "2026-03-20T22:00:00Z"),
        ],
        cases=[{"id": "cas_1", "state": "closed"}, {"id": "cas_2", "state": "escalated"}],
        notices=[
            notice(1, "rcv_1", "sent", "2026-03-10T01:00:00Z", "overdue_notice"),
            notice(2, "rcv_2", "sent", "2026-03-10T01:00:00Z", "overdue_notice"),
            notice(3, "rcv_2", "unknown", None, "firm_notice"),
            notice(4, "rcv_2", "cancelled", None, "final_notice"),
        ],
        escalations=[{"id": "esc_1", "case_id": "cas_2"}],
        tasks=[],
        events=[event(1, "customer.created"), event(2, "webhook_endpoint.created"), event(3, "receivable.created")],
    )


def receivable(receivable_id: str, number: str, amount: str, open_amount: str, status: str) -> dict[str, Any]:
    return {
        "id": receivable_id,
        "external_id": number,
        "amount": money(amount),
        "open_amount": money(open_amount),
        "status": status,
    }


def payment(payment_id: str, amount: str, unapplied: str, to: str, share: str, created_at: str) -> dict[str, Any]:
    return {
        "id": payment_id,
        "amount": money(amount),
        "unapplied_amount": money(unapplied),
        "allocations": [{"id": "alc_1", "receivable_id": to, "amount": money(share)}],
        "created_at": created_at,
    }


def sound_outside(books: Books) -> Outside:
    outside = Outside()
    outside.mails = [mail(one, outside) for one in books.notices[:3]]
    outside.settled = {"INV-1": outside.next_order()}
    outside.payment_count = 2
    outside.hooks = [hook(books.events[2], outside)]
    return outside


def mail(of: dict[str, Any], outside: Outside) -> Mail:
    return Mail(
        order=outside.next_order(), message_id=of["message_id"], recipient=of["recipient"], subject=of["subject"]
    )


def hook(of: dict[str, Any], outside: Outside) -> Hook:
    body = {"id": of["id"], "type": of["type"], "sequence": of["sequence"], "timestamp": of["occurred_at"]}
    return Hook(
        order=outside.next_order(),
        event_id=of["id"],
        body={**body, "tenant_id": "tnt_1", "data": copy.deepcopy(of["data"])},
        problem=None,
    )


def test_a_sound_story_passes_every_check() -> None:
    books = sound_books()
    results = run_checks(sound_outside(books), books)
    assert [result.differences for result in results] == [()] * len(CHECKS)


def test_a_webhook_that_came_twice_is_no_fault() -> None:
    books = sound_books()
    outside = sound_outside(books)
    outside.hooks.append(hook(books.events[2], outside))
    assert not any(result.differences for result in run_checks(outside, books))


def lose_mail(outside: Outside, _books: Books) -> None:
    del outside.mails[0]


def repeat_mail(outside: Outside, _books: Books) -> None:
    outside.mails.insert(0, outside.mails[0])


def repeat_unknown_mail(outside: Outside, _books: Books) -> None:
    outside.mails.insert(0, outside.mails[2])


def leave_notice_queued(_outside: Outside, books: Books) -> None:
    books.notices[3]["state"] = "queued"


def mail_nobody_wrote(outside: Outside, _books: Books) -> None:
    outside.mails.insert(0, replace(outside.mails[0], message_id="<ntc_9@dunwell.example>"))


def mail_of_a_cancelled_notice(outside: Outside, books: Books) -> None:
    outside.mails.insert(0, mail(books.notices[3], outside))


def mail_to_another_mailbox(outside: Outside, _books: Books) -> None:
    outside.mails[0] = replace(outside.mails[0], recipient="somebody@else.example")


def message_id_without_notice(outside: Outside, books: Books) -> None:
    books.notices[0]["message_id"] = "<random@dunwell.example>"
    outside.mails[0] = replace(outside.mails[0], message_id="<random@dunwell.example>")


def remind_twice_by_one_step(outside: Outside, books: Books) -> None:
    twin = {**books.notices[0], "id": "ntc_5", "message_id": "<ntc_5@dunwell.example>"}
    books.notices.append(twin)
    outside.mails.insert(0, replace(outside.mails[0], message_id=twin["message_id"]))


def mail_after_payment(outside: Outside, _books: Books) -> None:
    outside.mails[0] = replace(outside.mails[0], order=outside.next_order())


def notice_dated_after_payment(_outside: Outside, books: Books) -> None:
    books.notices[0]["sent_at"] = "2026-03-13T01:00:00Z"


def settled_but_not_paid(outside: Outside, _books: Books) -> None:
    outside.settled["INV-2"] = outside.next_order()


def paid_but_not_settled(outside: Outside, _books: Books) -> None:
    outside.settled.clear()


def lose_payment(outside: Outside, _books: Books) -> None:
    outside.payment_count += 1


def lose_a_cent_of_a_receivable(_outside: Outside, books: Books) -> None:
    books.receivables[1]["open_amount"] = money("49.99")


def lose_a_cent_of_a_payment(_outside: Outside, books: Books) -> None:
    books.payments[0]["unapplied_amount"] = money("19.99")


def skip_a_number(_outside: Outside, books: Books) -> None:
    books.events[2]["sequence"] = 4


def lose_webhook(outside: Outside, _books: Books) -> None:
    outside.hooks.clear()


def forge_webhook(outside: Outside, _books: Books) -> None:
    outside.hooks.append(replace(outside.hooks[0], problem="No matching signature found"))


def webhook_of_an_unknown_event(outside: Outside, _books: Books) -> None:
    outside.hooks.append(replace(outside.hooks[0], event_id="evt_9"))


def webhook_that_tells_another_story(outside: Outside, _books: Books) -> None:
    outside.hooks[0].body["data"]["object"]["id"] = "obj_9"


def escalate_twice(_outside: Outside, books: Books) -> None:
    books.escalations.append({"id": "esc_2", "case_id": "cas_2"})


def escalate_without_escalation(_outside: Outside, books: Books) -> None:
    books.escalations.clear()


@pytest.mark.parametrize(
    ("fault", "found_by"),
    [
        (lose_mail, "every sent notice was mailed exactly once"),
        (repeat_mail, "every sent notice was mailed exactly once"),
        (repeat_unknown_mail, "every sent notice was mailed exactly once"),
        (leave_notice_queued, "every sent notice was mailed exactly once"),
        (mail_nobody_wrote, "no mail without a notice"),
        (mail_of_a_cancelled_notice, "no mail without a notice"),
        (mail_to_another_mailbox, "no mail without a notice"),
        (message_id_without_notice, "no mail without a notice"),
        (remind_twice_by_one_step, "one notice per receivable and step"),
        (mail_after_payment, "nobody was reminded after paying"),
        (notice_dated_after_payment, "nobody was reminded after paying"),
        (settled_but_not_paid, "what was settled is paid"),
        (paid_but_not_settled, "what was settled is paid"),
        (lose_payment, "what was settled is paid"),
        (lose_a_cent_of_a_receivable, "amounts add up"),
        (lose_a_cent_of_a_payment, "amounts add up"),
        (skip_a_number, "events are numbered without gaps"),
        (lose_webhook, "every event was delivered"),
        (forge_webhook, "every webhook is signed"),
        (webhook_of_an_unknown_event, "every webhook is signed"),
        (webhook_that_tells_another_story, "every webhook is signed"),
        (escalate_twice, "every escalation was raised once"),
        (escalate_without_escalation, "every escalation was raised once"),
    ],
)
def test_a_deliberate_fault_is_found(fault: Fault, found_by: str) -> None:
    books = sound_books()
    outside = sound_outside(books)
    fault(outside, books)
    failed = [result.title for result in run_checks(outside, books) if result.differences]
    assert any(title.startswith(found_by) for title in failed), failed


def test_notices_are_compared_with_the_file_invoice_by_invoice() -> None:
    books = sound_books()
    right = {"INV-1": ["overdue_notice"], "INV-2": ["overdue_notice", "firm_notice"]}
    assert compare_with_expected(books, right) == ()
    [difference] = compare_with_expected(books, {**right, "INV-1": ["overdue_notice", "firm_notice"]})
    assert difference.startswith("invoice INV-1 was reminded by ['overdue_notice']")
    assert compare_with_expected(books, {"INV-3": ["overdue_notice"]}) != ()
