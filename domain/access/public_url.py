"""Where this server is reached from outside, for the links that it gives to people; installed once while starting."""

from __future__ import annotations

_url = "http://127.0.0.1:8000"


def install_public_url(url: str) -> None:
    """Decides for this process: the setting PUBLIC_URL."""
    global _url
    _url = url


def public_url() -> str:
    """The address without a slash at its end, which is also the issuer of tokens."""
    return _url
