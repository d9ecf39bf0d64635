"""PURE: which URLs and addresses a webhook may go to, so that nobody reaches our own network through us."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from domain.kernel.errors import FieldError

MAX_URL = 2000
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
# Said here rather than left to `is_global`, which differs between Python versions: metadata, relays, translations.
_NEVER: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8",
    )
)
_NAT64 = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet; an IPv4 address wrapped in IPv6 is judged by what is inside.

    >>> is_public("169.254.169.254"), is_public("::ffff:10.0.0.1"), is_public("1.1.1.1")
    (False, False, True)
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (inner := _embedded(ip)) is not None:
        ip = inner
    return ip.is_global and not any(ip in network for network in _NEVER)


def url_error(url: str, *, allow_private: bool) -> FieldError | None:
    """What is wrong with a webhook's URL by its text alone, None if nothing; names are judged when connecting."""
    if len(url) > MAX_URL:
        return FieldError("/url", "url_too_long", f"A URL has at most {MAX_URL} characters.")
    parts = _split(url)
    if parts is None:
        return FieldError("/url", "malformed_url", "This is not a URL in printable ASCII.")
    if parts.scheme not in ("http", "https"):
        return FieldError("/url", "unsupported_scheme", "A webhook goes to http:// or https://.")
    if not parts.hostname:
        return FieldError("/url", "malformed_url", "The URL names no host.")
    if "@" in parts.netloc:
        return FieldError("/url", "userinfo_in_url", "A URL must not carry a user name or password.")
    if "#" in url:
        return FieldError("/url", "fragment_in_url", "A URL must not carry a fragment.")
    if not allow_private and _is_private_host(parts.hostname):
        return FieldError("/url", "private_address", "Webhooks do not go to loopback or private addresses.")
    return None


def host_of(url: str) -> str:
    """The host of a URL, lower case, without brackets; empty if it has none."""
    parts = _split(url)
    return (parts.hostname or "") if parts else ""


def is_address(host: str) -> bool:
    """Whether a host is an IP address, also in the short, octal and hexadecimal forms that resolvers understand."""
    return ":" in host or all(re.fullmatch(r"0x[0-9a-f]*|[0-9]+", label) for label in host.rstrip(".").split("."))


def _split(url: str) -> SplitResult | None:
    if not _PRINTABLE.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _is_private_host(host: str) -> bool:
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and not is_public(name)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped
