"""PURE: what the chapter's providers, mailboxes and CRM got, held against the notices that the API tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cli.demo.providers import Arrived, Providers

Json = dict[str, Any]
LEFT_THE_HOUSE = ("sent", "delivered", "read")


def arrivals_and_notices(outside: Providers, notices: Sequence[Json]) -> Iterator[str]:
    """Each notice came once, through its channel and to its recipient, and nothing came that is no notice."""
    yield from (f"{channel} was sent something with a wrong signature" for channel in outside.refused)
    left = list(outside.arrived)
    for notice in notices:
        mine = [one for one in left if _is_of(one, notice)]
        if len(mine) != (notice["state"] in LEFT_THE_HOUSE):
            yield f"notice {notice['id']} of {notice['channel']} is {notice['state']} and came {len(mine)} times"
        left = [one for one in left if one not in mine]
    yield from (f"{one.channel} brought {one.text[:40]!r} to {one.recipient}, which is no notice" for one in left)


def _is_of(one: Arrived, notice: Json) -> bool:
    """A staff group is told no id and has no address, so its text is what counts."""
    if one.channel != notice["channel"]:
        return False
    if one.channel == "feishu":
        return bool(one.text.strip() == notice["body"].strip())
    return (one.notice_id, one.recipient, one.text) == (notice["id"], notice["recipient"].lstrip("+"), _said(notice))


def _said(notice: Json) -> str:
    """What of the notice its channel's notebook keeps; Aliyun fills values into a text of its own."""
    match notice["channel"]:
        case "email":
            return str(notice["subject"])
        case "sms":
            return " ".join(notice["variables"][name] for name in ("number", "due_amount"))
        case _:
            return str(notice["body"])
