"""What an account may hold: its provider's settings and credentials, checked before anything is stored."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

import msgspec

from domain.customers.rules import is_channel, is_email
from domain.events.address_policy import private_addresses_allowed
from domain.events.rules.addresses import url_error
from domain.kernel.errors import InvalidInput
from domain.kernel.shapes import converted
from domain.messaging.provider_model import Provider
from domain.messaging.providers import find_provider, provider_names


def provider_for(channel: str, name: str) -> Provider:
    """The provider of an account; raises InvalidInput where there is none or where it does not serve the channel."""
    if not is_channel(channel):
        raise InvalidInput.at("/channel", "malformed_channel", "A channel is a-z, 0-9 and _, beginning with a letter.")
    provider = find_provider(name)
    if provider is None:
        raise InvalidInput.at("/provider", "unknown_provider", f"A provider is one of {', '.join(provider_names())}.")
    if not provider.serves(channel):
        detail = f"{name} serves {', '.join(sorted(provider.channels))}."
        raise InvalidInput.at("/provider", "provider_not_for_channel", detail)
    return provider


def checked_settings(provider: Provider, given: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are stored; raises InvalidInput below `/settings`."""
    settings = _builtins(converted(provider.settings, given, "/settings"))
    for name in provider.hosts:
        _check_host(name, settings[name])
    sender = settings.get("from")
    if provider.name == "smtp" and not is_email(parseaddr(sender or "")[1]):
        raise InvalidInput.at(
            "/settings/from", "malformed_email", "The sender is an e-mail address, with a name or without."
        )
    return settings


def checked_credentials(provider: Provider, given: dict[str, Any]) -> dict[str, Any]:
    """The credentials as they are sealed; raises InvalidInput below `/credentials`, without repeating a value."""
    credentials = _builtins(converted(provider.credentials, given, "/credentials"))
    if provider.name == "smtp" and bool(credentials["username"]) != bool(credentials["password"]):
        missing = "password" if credentials["username"] else "username"
        raise InvalidInput.at(f"/credentials/{missing}", "missing_field", "User name and password come together.")
    return credentials


def _builtins(checked: msgspec.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(checked)
    return plain


def _check_host(name: str, value: str) -> None:
    allowed = private_addresses_allowed()
    url = value if name != "host" else f"https://[{value}]" if ":" in value else f"https://{value}"
    wrong = url_error(url, allow_private=allowed)
    if wrong is not None:
        detail = "This is not an address of the public internet." if wrong.code == "private_address" else wrong.detail
        raise InvalidInput.at(f"/settings/{name}", wrong.code, detail)
    if not url.startswith("https://") and not allowed:
        raise InvalidInput.at(f"/settings/{name}", "not_https", "A provider is reached by https.")
