"""Which providers there are: those of this repository, and those that installed packages bring along.

A package brings a provider as an entry point of the group `dunwell.channels`, whose object has two attributes: `provider`, a
`provider_model.Provider`, and `open`, which makes the channel (workers/channels/registry.py says how it is called).
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from domain.messaging.provider_fields import (
    AliyunCredentials,
    AliyunSettings,
    SmtpCredentials,
    SmtpSettings,
    TencentCredentials,
    TencentSettings,
    TwilioCredentials,
    TwilioSettings,
)
from domain.messaging.provider_model import Provider
from domain.messaging.rules.callbacks import aliyun, mail, tencent, twilio
from domain.messaging.staff_providers import STAFF_PROVIDERS

GROUP = "dunwell.channels"
INTEGRATOR = "integrator"

# What a provider allows of one account is from its documentation: Aliyun 5 000 and Tencent 3 000 requests a second.
_SHIPPED = (
    Provider(
        name="smtp",
        channels=frozenset({"email"}),
        settings=SmtpSettings,
        credentials=SmtpCredentials,
        parse_callback=mail.parse,
        hosts=("host",),
    ),
    Provider(
        name="aliyun",
        channels=frozenset({"sms"}),
        settings=AliyunSettings,
        credentials=AliyunCredentials,
        messages_per_minute=300_000,
        parse_callback=aliyun.parse,
        hosts=("endpoint",),
    ),
    Provider(
        name="tencent",
        channels=frozenset({"sms"}),
        settings=TencentSettings,
        credentials=TencentCredentials,
        messages_per_minute=180_000,
        parse_callback=tencent.parse,
        hosts=("endpoint",),
    ),
    Provider(
        name="twilio",
        channels=frozenset({"sms"}),
        settings=TwilioSettings,
        credentials=TwilioCredentials,
        parse_callback=twilio.parse,
        hosts=("endpoint",),
    ),
    *STAFF_PROVIDERS,
    Provider(name=INTEGRATOR, channels=frozenset(), sends=False),
)
SHIPPED: dict[str, Provider] = {provider.name: provider for provider in _SHIPPED}


def find_provider(name: str) -> Provider | None:
    """The provider of this name; a package cannot replace one of ours."""
    known = SHIPPED.get(name)
    if known is None and (plugin := plugins().get(name)) is not None:
        found: Provider = plugin.provider
        return found
    return known


def provider_names() -> list[str]:
    """All names, sorted."""
    return sorted(SHIPPED.keys() | plugins().keys())


def silent_providers() -> list[str]:
    """Providers through which nobody here sends."""
    return [INTEGRATOR, *(name for name, plugin in plugins().items() if not plugin.provider.sends)]


@cache
def plugins() -> dict[str, Any]:
    """What packages brought along, by the provider's name; loaded once."""
    loaded = (point.load() for point in entry_points(group=GROUP))
    return {plugin.provider.name: plugin for plugin in loaded}
