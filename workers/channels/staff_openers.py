"""Opens accounts at WeCom, DingTalk, Feishu and Firebase: their settings and credentials as the adapters' own structs.

What an account remembers (its access token, how fast its members were written to) lasts as long as its channel is kept open.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from domain.messaging.account_model import OpenAccount
from domain.messaging.staff_fields import (
    DingtalkCredentials,
    DingtalkSettings,
    FcmCredentials,
    FcmSettings,
    FeishuCredentials,
    FeishuSettings,
    WecomAppCredentials,
    WecomAppSettings,
    WecomCustomersCredentials,
    WecomCustomersSettings,
    WecomRobotCredentials,
    WecomRobotSettings,
)
from workers.channels.dingtalk import Dingtalk
from workers.channels.fcm import Fcm
from workers.channels.feishu import Feishu
from workers.channels.memory import AccountMemory
from workers.channels.wecom_app import WecomApp
from workers.channels.wecom_customers import WecomCustomers
from workers.channels.wecom_robot import WecomRobot
from workers.http import GuardedHttp

StaffChannel = WecomApp | WecomRobot | WecomCustomers | Dingtalk | Feishu | Fcm


def open_wecom_app(account: OpenAccount, http: GuardedHttp) -> WecomApp:
    """An app that writes to members."""
    settings = msgspec.convert(account.settings, WecomAppSettings)
    credentials = msgspec.convert(account.credentials, WecomAppCredentials)
    return WecomApp(settings, credentials, ask=http.exchange, memory=AccountMemory())


def open_wecom_robot(account: OpenAccount, http: GuardedHttp) -> WecomRobot:
    """A robot in a WeCom group."""
    settings = msgspec.convert(account.settings, WecomRobotSettings)
    return WecomRobot(settings, msgspec.convert(account.credentials, WecomRobotCredentials), ask=http.exchange)


def open_wecom_customers(account: OpenAccount, http: GuardedHttp) -> WecomCustomers:
    """Messages to customers, which an employee confirms."""
    settings = msgspec.convert(account.settings, WecomCustomersSettings)
    credentials = msgspec.convert(account.credentials, WecomCustomersCredentials)
    return WecomCustomers(settings, credentials, ask=http.exchange, memory=AccountMemory())


def open_dingtalk(account: OpenAccount, http: GuardedHttp) -> Dingtalk:
    """A robot in a DingTalk group."""
    settings = msgspec.convert(account.settings, DingtalkSettings)
    return Dingtalk(settings, msgspec.convert(account.credentials, DingtalkCredentials), ask=http.exchange)


def open_feishu(account: OpenAccount, http: GuardedHttp) -> Feishu:
    """A robot in a Feishu group."""
    settings = msgspec.convert(account.settings, FeishuSettings)
    return Feishu(settings, msgspec.convert(account.credentials, FeishuCredentials), ask=http.exchange)


def open_fcm(account: OpenAccount, http: GuardedHttp) -> Fcm:
    """Push messages to the tenant's app."""
    settings = msgspec.convert(account.settings, FcmSettings)
    credentials = msgspec.convert(account.credentials, FcmCredentials)
    return Fcm(settings, credentials, ask=http.exchange, memory=AccountMemory())


STAFF_OPENERS: dict[str, Callable[[OpenAccount, GuardedHttp], StaffChannel]] = {
    "wecom": open_wecom_customers,
    "wecom_app": open_wecom_app,
    "wecom_robot": open_wecom_robot,
    "dingtalk": open_dingtalk,
    "feishu": open_feishu,
    "fcm": open_fcm,
}
