"""WeCom messages to customers, which an employee confirms.

WeCom does not send: it makes a task for the employee, who confirms it in the client. So a message that was taken is
`awaiting_confirmation`, and only `poll` finds out whether it ever went out.
Sources: developer.work.weixin.qq.com/document/path/92135 (task), 93338 (results), 97611 (stopping).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.kernel.clock import SystemClock
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.staff_fields import WecomCustomersCredentials, WecomCustomersSettings
from workers.channels.calling import Exchange, HoldsNothing, Reply
from workers.channels.each import each
from workers.channels.memory import AccountMemory
from workers.channels.signing.texts import cut
from workers.channels.wecom_api import WecomApi, failure_of

MAX_TEXT_BYTES = 4000
AWAITING = "awaiting_confirmation"
_CONTACTS = "/cgi-bin/externalcontact"
_TASK_SENT = 2
# Of get_groupmsg_send_result; 0 is "not yet".
_RESULTS: dict[int, tuple[ReceiptKind, str, str]] = {
    1: ("delivered", "wecom_sent", "The employee has sent it."),
    2: ("failed", "wecom_not_a_contact", "The customer is not a contact of the employee any more."),
    3: ("failed", "wecom_already_received", "The customer has had another mass message in this period."),
}
_WITHDRAWN: tuple[ReceiptKind, str, str] = (
    "failed",
    "withdrawn",
    "What is owed has changed; the employee need not send it.",
)


class WecomCustomers(HoldsNothing):
    """A channel; a message's recipient is an external user id."""

    def __init__(
        self,
        settings: WecomCustomersSettings,
        credentials: WecomCustomersCredentials,
        *,
        ask: Exchange,
        memory: AccountMemory,
    ) -> None:
        self._settings = settings
        self._api = WecomApi(settings.base_url, settings.corp_id, credentials.secret, ask=ask, memory=memory)

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Makes one task for each message; each gets its own outcome."""
        return await each(messages, self._send_one)

    async def poll(self, ids: Sequence[str], unwanted: frozenset[str] = frozenset()) -> list[Receipt]:
        """What has become of these tasks (their `provider_message_id`s); nothing for those that still wait.

        Those `unwanted` are stopped first and looked at then, so that one which has just gone out is told as delivered. Once WeCom
        does not answer, or says that we ask too often, the rest is left for the next time.
        """
        receipts: list[Receipt] = []
        for message_id in ids:
            is_stopped = message_id in unwanted and await self._stop(message_id)
            found = await self._result_of(message_id)
            if found is None:
                break
            receipts.extend(found or ([_receipt(message_id, *_WITHDRAWN)] if is_stopped else []))
        return receipts

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        body = {
            "chat_type": "single",
            "external_userid": [message.recipient],
            "sender": self._settings.sender,
            "allow_select": False,
            "text": {"content": cut(message.body.strip(), MAX_TEXT_BYTES)},
        }
        reply = await self._api.post(f"{_CONTACTS}/add_msg_template", body)
        failure = failure_of(reply)
        if failure is not None:
            return failure
        failed = reply.data.get("fail_list")
        if isinstance(failed, list) and message.recipient in failed:
            return Outcome("rejected", "wecom_fail_list", "WeCom cannot give the employee this customer to write to.")
        if not reply.text("msgid"):
            return Outcome("unknown", "malformed_answer", "There is no msgid in the answer.")
        waits = "A task waits for the employee."
        return Outcome("accepted", AWAITING, waits, reply.text("msgid"), awaits_confirmation=True)

    async def _stop(self, message_id: str) -> bool:
        return failure_of(await self._api.post(f"{_CONTACTS}/cancel_groupmsg_send", {"msgid": message_id})) is None

    async def _result_of(self, message_id: str) -> list[Receipt] | None:
        task = await self._api.post(f"{_CONTACTS}/get_groupmsg_task", {"msgid": message_id, "limit": 1000})
        found: list[Receipt] = []
        for member in _members_who_sent(task):
            body = {"msgid": message_id, "userid": member, "limit": 1000}
            result = await self._api.post(f"{_CONTACTS}/get_groupmsg_send_result", body)
            if _is_down(result):
                return None
            found.extend(_receipts(message_id, result.data.get("send_list")))
        return None if _is_down(task) else found


def _is_down(reply: Reply) -> bool:
    failure = failure_of(reply)
    return failure is not None and failure.kind != "rejected"


def _members_who_sent(reply: Reply) -> list[str]:
    tasks = [task for task in _objects(reply.data.get("task_list")) if task.get("status") == _TASK_SENT]
    return [member for task in tasks if isinstance(member := task.get("userid"), str)]


def _receipts(message_id: str, results: Any) -> Iterator[Receipt]:
    for result in _objects(results):
        status = result.get("status")
        if not isinstance(status, int) or status not in _RESULTS:
            continue
        yield _receipt(message_id, *_RESULTS[status], at=result.get("send_time"))


def _receipt(message_id: str, kind: ReceiptKind, code: str, detail: str, *, at: Any = None) -> Receipt:
    return Receipt(kind=kind, occurred_at=_instant(at), code=code, detail=detail, provider_message_id=message_id)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _instant(seconds: Any) -> datetime:
    """When WeCom says it was; now, where it does not (it sends no time with failures)."""
    if isinstance(seconds, int) and 0 < seconds < 2**33:
        return datetime.fromtimestamp(seconds, UTC)
    return SystemClock().now()
