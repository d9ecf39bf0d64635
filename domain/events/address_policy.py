"""Whether webhooks may go to loopback and private addresses: a development setting, installed once while starting."""

from __future__ import annotations

_allow_private = False


def install_address_policy(*, allow_private: bool) -> None:
    """Decides for this process; without it, private addresses are refused."""
    global _allow_private
    _allow_private = allow_private


def private_addresses_allowed() -> bool:
    """Whether this process may post to loopback and private addresses."""
    return _allow_private
