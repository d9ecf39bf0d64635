"""What the chapter about reminding sets up: two plans, who gets which, the hours of contact, and an account for each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cli.demo.client import Client
from cli.demo.providers import KEY_ID, KEY_SECRET, ROBOT, ROBOT_SECRET, SMS_TEMPLATE, Providers

SCOPES = [
    "cases:read",
    "channels:write",
    "clock:write",
    "contact_policy:write",
    "customers:write",
    "holds:write",
    "notices:read",
    "notices:send",
    "operations:read",
    "payments:write",
    "pii:read",
    "plans:read",
    "plans:write",
    "receivables:read",
    "receivables:write",
    "segments:write",
]
TENANT = {
    "name": "Reminding",
    "mode": "sandbox",
    "base_currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "locale": "en",
    "test_clock_at": "2026-03-02T01:00:00Z",
}
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
CONTACT_POLICY = {
    "contact_hours": [{"weekdays": WEEKDAYS, "from_time": "09:00", "to_time": "18:00"}],
    "caps": [{"per": "contact", "most": 2, "days": 7}],
}


def _notice(key: str, offset_days: int, time_of_day: str, channels: list[str], template: str) -> dict[str, Any]:
    action = {"type": "notice", "channels": channels, "template": template}
    return {"key": key, "offset_days": offset_days, "time_of_day": time_of_day, "action": action}


STANDARD = {
    "name": "Standard",
    "is_default": True,
    "steps": [
        _notice("text", 3, "09:00", ["sms", "email"], "overdue_notice"),
        _notice("evening", 6, "20:00", ["email"], "firm_notice"),
        {
            "key": "red_flag",
            "offset_days": 12,
            "time_of_day": "09:00",
            "action": {"type": "alert", "channel": "feishu", "template": "staff_alert"},
        },
    ],
}
KEY_ACCOUNTS = {"name": "Key accounts", "steps": [_notice("manager", 4, "09:00", ["wecom"], "overdue_notice")]}
KEY_SEGMENT = {"name": "Key accounts", "predicate": {"field": "tags", "op": "contains", "value": "key_account"}}
ALIYUN_TEMPLATE = {"code": SMS_TEMPLATE, "params": ["number", "due_amount"]}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the story needs to know of it: where Aliyun posts its reports."""

    sms_callback: str


async def set_the_scene(client: Client, providers: Providers, smtp_url: str) -> Scene:
    """Everything, through the public API."""
    sms = await _open_accounts(client, providers, smtp_url)
    await client.put("/v1/contact-policy", CONTACT_POLICY)
    await _published(client, STANDARD)
    segment = await client.post("/v1/segments", KEY_SEGMENT)
    plan = await _published(client, KEY_ACCOUNTS)
    rule = {"segment_id": segment["id"], "plan_id": plan, "priority": 1}
    await client.post("/v1/plan-assignments", rule)
    return Scene(sms_callback=sms["callback_url"])


async def _published(client: Client, plan: dict[str, Any]) -> str:
    made = await client.post("/v1/reminder-plans", plan)
    await client.post(f"/v1/reminder-plans/{made['id']}/publish", {})
    plan_id: str = made["id"]
    return plan_id


async def _open_accounts(client: Client, providers: Providers, smtp_url: str) -> dict[str, Any]:
    """Mail server, Aliyun, a Feishu group, and WeCom, which the CRM serves by itself; answers Aliyun's."""
    mail = urlsplit(smtp_url)
    settings = {"host": mail.hostname, "port": mail.port, "tls": "opportunistic", "from": "dunning@reminding.example"}
    sms: dict[str, Any] = await _account(
        client,
        "sms",
        "aliyun",
        {"sign_name": "Reminding", "templates": {"overdue_notice": ALIYUN_TEMPLATE}, "endpoint": providers.url},
        {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET},
    )
    await _account(client, "email", "smtp", settings, {})
    feishu = {"token": ROBOT, "secret": ROBOT_SECRET}
    await _account(client, "feishu", "feishu", {"base_url": providers.url}, feishu)
    await _account(client, "wecom", "integrator", {}, {})
    return sms


async def _account(
    client: Client, channel: str, provider: str, settings: dict[str, Any], credentials: dict[str, Any]
) -> dict[str, Any]:
    account = {"channel": channel, "provider": provider, "name": f"{channel} of the demo"}
    made: dict[str, Any] = await client.post(
        "/v1/channel-accounts", {**account, "settings": settings, "credentials": credentials}
    )
    return made
