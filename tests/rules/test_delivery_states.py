"""What receipts make of a notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import Money
from domain.messaging.model import Notice, NoticeState
from domain.messaging.receipt_model import NoticeReceipt, Receipt, ReceiptKind
from domain.messaging.rules.delivery_states import has_left, is_address_fault, kept, state_after, steps_through

T0 = datetime(2026, 1, 5, tzinfo=UTC)
SENT = Notice(
    id="ntc_1",
    customer_id="cus_1",
    receivable_id="rcv_1",
    contact_id="con_1",
    case_id=None,
    step_key=None,
    channel="email",
    template_key="overdue_notice",
    locale="en",
    recipient="w.fang@lanhai.example",
    subject="s",
    body="b",
    open_amount=Money.zero("CNY"),
    disputed_amount=Money.zero("CNY"),
    due_on=None,
    message_id="<ntc_1@dunwell.local>",
    state="sent",
    reason=None,
    attempt_count=1,
    next_attempt_at=None,
    version=3,
    created_at=T0,
    sent_at=T0,
)


def told(kind: ReceiptKind, minute: int = 1, code: str = "", detail: str = "") -> NoticeReceipt:
    at = T0 + timedelta(minutes=minute)
    return NoticeReceipt(
        id=f"rct_{minute:03}{kind}",
        notice_id="ntc_1",
        kind=kind,
        code=code,
        detail=detail,
        occurred_at=at,
        received_at=at,
    )


def after(notice: Notice, *receipts: NoticeReceipt) -> Notice:
    for receipt in receipts:
        notice = steps_through(notice, [receipt])[-1].notice
    return notice


@pytest.mark.parametrize(
    ("state", "kinds", "ended"),
    [
        ("sent", ["delivered"], "delivered"),
        ("sent", ["delivered", "read", "clicked", "replied"], "replied"),
        ("sent", ["read", "delivered"], "read"),
        ("sent", ["bounced"], "bounced"),
        ("sent", ["delivered", "bounced"], "bounced"),
        ("sent", ["bounced", "delivered"], "bounced"),
        ("sent", ["bounced", "replied"], "replied"),
        ("delivered", ["failed"], "failed"),
        ("unknown", ["delivered"], "delivered"),
        ("unknown", ["bounced"], "bounced"),
        ("awaiting_confirmation", ["delivered"], "delivered"),
        ("awaiting_confirmation", ["failed"], "failed"),
        ("failed", ["replied"], "replied"),
        ("sent", ["complained"], "sent"),
        ("sent", ["opted_out"], "sent"),
        ("cancelled", ["delivered", "replied"], "cancelled"),
        ("sending", ["bounced"], "sending"),
    ],
)
def test_the_state_only_rises(state: NoticeState, kinds: list[ReceiptKind], ended: NoticeState) -> None:
    notice = after(replace(SENT, state=state), *(told(kind, n) for n, kind in enumerate(kinds, 1)))
    assert notice.state == ended


def test_when_things_first_happened_is_kept_even_if_it_is_heard_late() -> None:
    notice = after(SENT, told("read", 9), told("read", 5), told("delivered", 2), told("clicked", 4))
    assert (notice.state, notice.delivered_at, notice.read_at) == (
        "clicked",
        T0 + timedelta(minutes=2),
        T0 + timedelta(minutes=4),
    )


def test_a_late_delivered_is_no_news() -> None:
    (step,) = steps_through(replace(SENT, state="read"), [told("delivered")])
    assert (step.notice.state, step.is_news, step.notice.version) == ("read", False, 4)


def test_every_reply_is_news() -> None:
    steps = steps_through(SENT, [told("replied", 1), told("replied", 2)])
    assert [(step.previous_state, step.is_news) for step in steps] == [("sent", True), ("replied", True)]


def test_the_reason_is_that_of_a_failure_and_goes_with_it() -> None:
    bounced = after(SENT, told("bounced", 1, "5.1.1"))
    assert (bounced.reason, bounced.bounced_at) == ("5.1.1", T0 + timedelta(minutes=1))
    assert after(bounced, told("replied", 2)).reason is None


@pytest.mark.parametrize(("code", "is_fault"), [("5.1.1", True), ("", True), ("4.2.2", False), ("unreachable", True)])
def test_a_passing_failure_says_nothing_of_the_address(code: str, is_fault: bool) -> None:
    assert is_address_fault(told("bounced", code=code)) is is_fault
    assert after(SENT, told("bounced", code=code)).state == ("bounced" if is_fault else "failed")
    assert not is_address_fault(told("failed", code=code))


def test_what_waits_has_not_left_unless_an_integrator_had_it() -> None:
    queued = replace(SENT, state="queued", next_attempt_at=T0, sent_at=None, attempt_count=0)
    assert not has_left(queued)
    assert not has_left(replace(queued, attempt_count=2))
    assert not has_left(replace(queued, attempt_count=2, next_attempt_at=None, offered_at=T0))
    offered = replace(queued, next_attempt_at=None, offered_at=T0)
    assert not has_left(offered)
    taken = replace(offered, attempt_count=1, claimed_until=T0)
    ended = after(taken, told("delivered"))
    assert (ended.state, ended.offered_at, ended.claimed_until) == ("delivered", None, None)


def test_what_is_kept_is_short_printable_and_without_addresses() -> None:
    receipt = Receipt(
        kind="bounced",
        code="5.1.1\r\n" + "x" * 200,
        occurred_at=T0,
        detail="<W.Fang@lanhai.example> said\x00 no; ask boss@lanhai.example " + "y" * 3000,
    )
    stored = kept(receipt, SENT, "rct_1", T0)
    assert len(stored.code) == 100
    assert stored.code.startswith("5.1.1x")
    assert len(stored.detail) == 2000
    assert "fang" not in stored.detail.lower()
    assert "boss@" not in stored.detail
    assert "\x00" not in stored.detail


_TOLD = st.builds(
    told,
    st.sampled_from(get_args(ReceiptKind)),
    st.integers(0, 50),
    st.sampled_from(["", "5.1.1", "4.2.2", "30005"]),
)
_STARTS: Any = st.sampled_from(["sent", "unknown", "awaiting_confirmation", "failed"])


def _end(notice: Notice) -> tuple[Any, ...]:
    return notice.state, notice.delivered_at, notice.read_at, notice.replied_at, notice.bounced_at


@given(_STARTS, st.lists(_TOLD, max_size=12).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_any_order_comes_to_the_same_end(
    state: NoticeState, orders: tuple[list[NoticeReceipt], list[NoticeReceipt]]
) -> None:
    start = replace(SENT, state=state)
    one_by_one, otherwise = after(start, *orders[0]), after(start, *orders[1], *orders[0])
    at_once = steps_through(start, orders[0])[-1].notice if orders[0] else start
    assert _end(one_by_one) == _end(otherwise) == _end(at_once)


@given(st.sampled_from(get_args(NoticeState)), st.sampled_from(get_args(NoticeState)))
def test_hearing_the_same_state_again_changes_nothing(state: NoticeState, told: NoticeState) -> None:
    if told != "cancelled":
        once = state_after(state, told)
        assert state_after(once, told) == once
