"""The providers that reach staff, and customers in WeCom and on their phones.

WeCom is three providers: an app that writes to staff, a robot in a group, and messages to customers that an employee confirms.
"""

from __future__ import annotations

from domain.messaging.provider_model import Provider
from domain.messaging.rules.callbacks import wecom
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

KNOWING_WHOM = frozenset({"wecom_app", "wecom_robot", "dingtalk", "feishu"})
"""Providers of staff: a message addressed to the account goes to whom the account's settings or its group say."""

# What a robot may say in a minute is from its provider's documentation.
STAFF_PROVIDERS = (
    Provider(
        name="wecom",
        channels=frozenset({"wecom"}),
        settings=WecomCustomersSettings,
        credentials=WecomCustomersCredentials,
        parse_callback=wecom.parse,
        hosts=("base_url",),
    ),
    Provider(
        name="wecom_app",
        channels=frozenset({"wecom_staff"}),
        settings=WecomAppSettings,
        credentials=WecomAppCredentials,
        hosts=("base_url",),
    ),
    Provider(
        name="wecom_robot",
        channels=frozenset({"wecom_robot"}),
        settings=WecomRobotSettings,
        credentials=WecomRobotCredentials,
        messages_per_minute=20,
        hosts=("base_url",),
    ),
    Provider(
        name="dingtalk",
        channels=frozenset({"dingtalk"}),
        settings=DingtalkSettings,
        credentials=DingtalkCredentials,
        messages_per_minute=20,
        hosts=("base_url",),
    ),
    Provider(
        name="feishu",
        channels=frozenset({"feishu"}),
        settings=FeishuSettings,
        credentials=FeishuCredentials,
        messages_per_minute=100,
        hosts=("base_url",),
    ),
    Provider(
        name="fcm",
        channels=frozenset({"push"}),
        settings=FcmSettings,
        credentials=FcmCredentials,
        hosts=("base_url", "token_uri"),
    ),
)
