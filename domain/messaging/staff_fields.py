"""PURE: what the settings and credentials of WeCom, DingTalk, Feishu and Firebase hold."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.messaging.provider_fields import Secret, Text, Url

WECOM_URL = "https://qyapi.weixin.qq.com"
DINGTALK_URL = "https://oapi.dingtalk.com"
FEISHU_URL = "https://open.feishu.cn"
FCM_URL = "https://fcm.googleapis.com"
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"

Names = Annotated[tuple[Text, ...], Meta(max_length=50)]
AesKey = Annotated[str, Meta(pattern=r"^[0-9A-Za-z+/]{43}$")]


class WecomAppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An app of the tenant's corporation. `recipients` are member ids for alerts that name nobody, `@all` is everybody."""

    corp_id: Text
    agent_id: int
    recipients: Names = ()
    message_type: Literal["text", "markdown"] = "text"
    base_url: Url = WECOM_URL


class WecomAppCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The app's secret."""

    secret: Secret


class WecomRobotSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to call by name: member ids or mobile numbers, `@all` for everybody; only with texts."""

    message_type: Literal["text", "markdown"] = "text"
    mentioned: Names = ()
    mentioned_mobiles: Names = ()
    base_url: Url = WECOM_URL


class WecomRobotCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `key` of the robot's address."""

    key: Secret


class WecomCustomersSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`sender` is the member id of the employee who confirms."""

    corp_id: Text
    sender: Text
    base_url: Url = WECOM_URL


class WecomCustomersCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The secret of customer contact; token and key of the callback, where one is set up."""

    secret: Secret
    callback_token: Text | None = None
    callback_aes_key: AesKey | None = None


class DingtalkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`mobiles` are numbers of members to call by name."""

    message_type: Literal["text", "markdown"] = "text"
    mobiles: Names = ()
    everybody: bool = False
    base_url: Url = DINGTALK_URL


class DingtalkCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `access_token` of the robot's address; `secret` if the robot wants signatures."""

    access_token: Secret
    secret: Secret | None = None


class FeishuSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`everybody` calls all members of the group."""

    everybody: bool = False
    base_url: Url = FEISHU_URL


class FeishuCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The end of the robot's address; `secret` if the robot wants signatures."""

    token: Secret
    secret: Secret | None = None


class FcmSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Firebase project of the tenant's app."""

    project_id: Text
    base_url: Url = FCM_URL
    token_uri: Url = GOOGLE_TOKEN_URI


class FcmCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Three fields of the service account's JSON file; `private_key` is PEM."""

    client_email: Text
    private_key: Annotated[str, Meta(min_length=1, max_length=10_000)]
    private_key_id: Text | None = None
