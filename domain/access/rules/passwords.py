"""PURE: which passwords are accepted (NIST SP 800-63B section 5.1.1.2: length and commonness count, composition does not)."""

from __future__ import annotations

import unicodedata

from domain.kernel.errors import FieldError, InvalidInput

SHORTEST = 12
LONGEST = 200
# The most common of 12 and more characters in published leaks, and what people would type on this site.
_COMMON = frozenset(
    [
        "123456789012",
        "1234567890123",
        "1234567891011",
        "111111111111",
        "000000000000",
        "123123123123",
        "121212121212",
        "987654321098",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y7u",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopas",
        "qwertyuiop[]",
        "qwerty123456",
        "asdfghjkl123",
        "zxcvbnm12345",
        "abcdefghijkl",
        "abc123abc123",
        "abcd12345678",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "passw0rd1234",
        "p@ssw0rd1234",
        "administrator",
        "admin1234567",
        "administrator1",
        "letmein12345",
        "iloveyou1234",
        "iloveyou12345",
        "welcome12345",
        "welcome123456",
        "changeme1234",
        "changemeplease",
        "woaini1314520",
        "woaini123456",
        "woaini5201314",
        "5201314520131",
        "aini13145201314",
        "trustno1trustno1",
        "correcthorsebatterystaple",
        "dunwelldunwell",
        "dunwell12345",
    ]
)


def normalised(password: str) -> str:
    """NFKC, so that the same characters typed on another keyboard are the same password (RFC 8265 does alike)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, email: str, pointer: str = "/password") -> None:
    """Raises InvalidInput unless the normalised `password` is good enough for the user with this address."""
    wrong = _wrong(normalised(password), email)
    if wrong is not None:
        raise InvalidInput("invalid_input", wrong[1], (FieldError(pointer, *wrong),))


def normal_email(email: str) -> str:
    """The form in which addresses are compared: without spaces around it, lower case."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def _wrong(password: str, email: str) -> tuple[str, str] | None:
    if not SHORTEST <= len(password) <= LONGEST:
        return "password_length", f"A password has {SHORTEST} to {LONGEST} characters."
    lower = password.lower()
    if normal_email(email) in lower:
        return "password_is_email", "A password must not be or contain the e-mail address."
    if lower in _COMMON or len(set(lower)) < 4:
        return "password_too_common", "This password is one of the first that an attacker would try."
    return None
