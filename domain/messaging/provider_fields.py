"""PURE: what the settings and credentials of each shipped provider hold."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=500)]
Secret = Annotated[str, Meta(min_length=1, max_length=4000)]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]
Host = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:\-]+$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
TemplateKey = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class SmtpSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A mail server. `tls`: "starttls" refuses a server without it, "implicit" begins with TLS, "opportunistic" takes what there is."""

    host: Host
    port: Port = 587
    tls: Literal["starttls", "implicit", "opportunistic"] = "starttls"
    from_: Annotated[str, Meta(min_length=3, max_length=320)] = msgspec.field(name="from")


class SmtpCredentials(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How we log in; both or neither."""

    username: Annotated[str, Meta(max_length=500)] | None = None
    password: Annotated[str, Meta(max_length=4000)] | None = None


class TemplateCode(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A text that the provider approved: its code there, and which of our variables it takes, in its order.

    `names` are what the provider calls them, where it calls them otherwise.
    """

    code: Text
    params: Annotated[list[Text], Meta(max_length=50)] = []
    names: dict[Text, Text] = {}


class AliyunSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Aliyun Dysmsapi: the approved signature, and the approved template of each of ours, by key or by key and locale (`first:en`)."""

    sign_name: Text
    templates: dict[Text, TemplateCode]
    endpoint: Url = "https://dysmsapi.aliyuncs.com"


class AliyunCredentials(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A RAM user's access key."""

    access_key_id: Text
    access_key_secret: Secret


class TencentSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Tencent Cloud SMS: application, approved signature, and the approved template of each of ours, whose params are positional."""

    sdk_app_id: Text
    sign_name: Text = ""
    templates: dict[Text, TemplateCode]
    region: Text = "ap-guangzhou"
    endpoint: Url = "https://sms.tencentcloudapi.com"


class TencentCredentials(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An API key."""

    secret_id: Text
    secret_key: Secret


class TwilioSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Twilio messaging: the sender is a number or a messaging service (`MG...`)."""

    account_sid: Annotated[str, Meta(pattern=r"^AC[0-9a-zA-Z]{1,62}$")]
    sender: Text
    endpoint: Url = "https://api.twilio.com"


class TwilioCredentials(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The auth token, which also signs callbacks."""

    auth_token: Secret
