"""Where a browser may be sent back to: registered addresses only, compared character by character (RFC 9700 section 2.1).

One exception: a native app on a loopback address gets its port from the system, so any port matches there (RFC 8252 section 7.3).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

LONGEST = 2000
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
_VISIBLE = re.compile(r"[\x21-\x7e]+", re.ASCII)
_LOOPBACK = {"127.0.0.1", "::1"}


def redirect_uri_fault(uri: str) -> str | None:
    """Why `uri` cannot be registered, None if it can: https, loopback http, or a private-use scheme with a dot in it."""
    if len(uri) > LONGEST or not _VISIBLE.fullmatch(uri) or any(sign in uri for sign in '"<>\\^`{|}*'):
        return f"A redirect URI has at most {LONGEST} visible ASCII characters and no wildcard."
    parts = _split(uri)
    if parts is None or "#" in uri:
        return "A redirect URI is absolute and has no fragment."
    if parts.username is not None or parts.password is not None:
        return "A redirect URI carries no user name or password."
    if parts.scheme == "https":
        return None if parts.hostname else "An https redirect URI names a host."
    if parts.scheme == "http":
        return None if parts.hostname in _LOOPBACK else "Only 127.0.0.1 and [::1] may be reached by http."
    if _PRIVATE_USE.fullmatch(parts.scheme):
        return None
    return "A redirect URI is https, loopback http, or a private-use scheme such as com.example.app:/callback."


def redirect_uri_matches(registered: str, asked: str) -> bool:
    """Whether a request may name `asked` where `registered` is registered."""
    if registered == asked:
        return True
    ours, theirs = _split(registered), _split(asked)
    if ours is None or theirs is None or ours.scheme != "http" or ours.hostname not in _LOOPBACK:
        return False
    return redirect_uri_fault(asked) is None and _without_port(ours) == _without_port(theirs)


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return parts.scheme, parts.hostname, parts.path, parts.query


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  raises ValueError for a port that is none
    except ValueError:
        return None
    return parts if parts.scheme else None
