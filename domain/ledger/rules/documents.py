"""PURE: what may be linked as a document. The address is never fetched; the hash is the evidence of what lay there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from domain.kernel.errors import FieldError, InvalidInput
from domain.ledger.rules.references import has_control_characters

LONGEST_URL, LONGEST_TITLE = 2000, 200
LARGEST = 2**31 - 1
_SHA256 = re.compile("[0-9a-f]{64}", re.ASCII)
# RFC 6838 section 4.2, parameters left out.
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,48}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,48}", re.ASCII)
# RFC 3986: what is not printable ASCII is percent-encoded in an address.
_URL = re.compile(r"https://[!-~]+", re.ASCII)


def check_document(*, title: str, url: str, sha256: str, media_type: str | None, size_bytes: int | None) -> None:
    """Raises InvalidInput naming everything that is wrong with a document link."""
    wrong = tuple(_wrong(title, url, sha256, media_type, size_bytes))
    if wrong:
        raise InvalidInput("invalid_input", wrong[0].detail, wrong)


def url_fault(url: str) -> tuple[str, str] | None:
    """Code and explanation of what is wrong with a document's address, None if nothing is.

    >>> [url_fault(url) and url_fault(url)[0] for url in ("https://a.example/1.pdf", "javascript:alert(1)", "https://u:p@a.example")]
    [None, 'malformed_url', 'credentials_in_url']
    """
    if len(url) > LONGEST_URL:
        return "length_out_of_range", f"An address has at most {LONGEST_URL} characters."
    if not _URL.fullmatch(url):
        return "malformed_url", "An address begins with https:// and is printable ASCII without blanks."
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host or "\\" in url:
        return "malformed_url", "The address has no valid host."
    if "@" in parts.netloc:
        return "credentials_in_url", "An address holds no user name or password."
    return None


def _wrong(title: str, url: str, sha256: str, media_type: str | None, size_bytes: int | None) -> Iterator[FieldError]:
    if not 1 <= len(title) <= LONGEST_TITLE:
        yield FieldError("/title", "length_out_of_range", f"A title has 1 to {LONGEST_TITLE} characters.")
    elif has_control_characters(title):
        yield FieldError("/title", "control_character", "A title has no control characters.")
    if fault := url_fault(url):
        yield FieldError("/url", *fault)
    if not _SHA256.fullmatch(sha256):
        yield FieldError("/sha256", "malformed_sha256", "A SHA-256 is 64 lower-case hexadecimal digits.")
    if media_type is not None and not _MEDIA_TYPE.fullmatch(media_type):
        yield FieldError("/media_type", "malformed_media_type", "A media type is written like application/pdf.")
    if size_bytes is not None and not 0 <= size_bytes <= LARGEST:
        yield FieldError("/size_bytes", "size_out_of_range", f"A size is between 0 and {LARGEST} bytes.")
