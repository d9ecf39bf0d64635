"""PURE: what a customer's and a contact's fields may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from email_validator import EmailNotValidError, validate_email

from domain.customers.model import CHANNEL_NAME, Contact, ContactRole, Grade, InvalidAddress
from domain.kernel.calendar import is_time_zone
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.metadata import faults_of_metadata
from domain.kernel.phones import PHONE_CHANNELS
from domain.kernel.pii import looks_masked

# Locales in which shipped templates and formats exist; any other falls back to English.
LOCALES = ("en", "zh-CN")
CONTACT_ROLES: tuple[ContactRole, ...] = get_args(ContactRole)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
GRADES: tuple[Grade, ...] = get_args(Grade)
MOST_TAGS = 50
LONGEST_TAG = 50
# Blanks around a tag, and what no line of print has: two tags that look alike would not be equal.
_NO_TAG = re.compile("^\\s|\\s$|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
MOST_ADDRESSES = 20
LONGEST_ADDRESS = 1000
_CHANNEL = re.compile(CHANNEL_NAME.removesuffix("$") + r"\Z", re.ASCII)


def check_fields(fields: dict[str, Any]) -> None:
    """Raises InvalidInput naming every wrong field among those given; None always means "not set"."""
    errors = tuple(_wrong(fields))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def tag_set(tags: Sequence[str]) -> list[str]:
    """Each tag once, in the order of their characters.

    >>> tag_set(["vip", "first order", "vip"])
    ['first order', 'vip']
    """
    return sorted(set(tags))


def is_tag(text: str) -> bool:
    """Whether a customer may be tagged so: 1 to 50 characters, no blanks around them, no control characters."""
    return 1 <= len(text) <= LONGEST_TAG and not _NO_TAG.search(text)


def address_on(contact: Contact, channel: str) -> str | None:
    """Where the contact is written to on a channel; None if nowhere."""
    if channel == "email":
        return contact.email
    return contact.addresses.get(channel) or (contact.phone if channel in PHONE_CHANNELS else None)


def still_invalid(before: Contact, after: Contact) -> list[InvalidAddress]:
    """Which addresses still take no messages after a change of the contact: a new address is innocent."""
    return [
        invalid
        for invalid in after.invalid_addresses
        if address_on(before, invalid.channel) == address_on(after, invalid.channel)
    ]


def is_email(address: str) -> bool:
    """Whether mail can be addressed to this, by its form alone; nothing is looked up."""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def is_channel(name: str) -> bool:
    """Whether a channel may be called so."""
    return _CHANNEL.match(name) is not None


def _wrong(fields: dict[str, Any]) -> Iterator[FieldError]:
    locale, time_zone, email = fields.get("locale"), fields.get("time_zone"), fields.get("email")
    if locale is not None and locale not in LOCALES:
        yield FieldError("/locale", "unknown_locale", f"{locale!r} is not one of {', '.join(LOCALES)}.")
    if time_zone is not None and not is_time_zone(time_zone):
        yield FieldError("/time_zone", "unknown_time_zone", f"{time_zone!r} is not an IANA time zone.")
    grade = fields.get("grade")
    if grade is not None and grade not in GRADES:
        yield FieldError("/grade", "unknown_grade", f"A grade is one of {', '.join(GRADES)}.")
    yield from _wrong_tags(fields.get("tags") or ())
    yield from faults_of_metadata(fields.get("metadata"))
    country = fields.get("country")
    if country is not None and not _COUNTRY.fullmatch(country):
        yield FieldError("/country", "malformed_country", "A country is an ISO 3166-1 code such as CN.")
    for name in ("email", "phone"):
        if looks_masked(fields.get(name) or ""):
            detail = "This is the masked form of an address; leave the field out to keep the address as it is."
            yield FieldError(f"/{name}", "masked_address", detail)
            email = None if name == "email" else email
    if email is not None and not is_email(email):
        yield FieldError("/email", "malformed_email", f"{email!r} is not an e-mail address.")
    for number, name in enumerate(fields.get("opted_out_channels") or ()):
        if not is_channel(name):
            yield _no_channel(f"/opted_out_channels/{number}", name)
    yield from wrong_addresses(fields.get("addresses") or {})


def _wrong_tags(tags: Sequence[str]) -> Iterator[FieldError]:
    if len(set(tags)) > MOST_TAGS:
        yield FieldError("/tags", "too_many_tags", f"A customer has at most {MOST_TAGS} tags.")
        return
    for position, tag in enumerate(tags):
        if not is_tag(tag):
            detail = (
                f"A tag is 1 to {LONGEST_TAG} characters without blanks around them and without control characters."
            )
            yield FieldError(f"/tags/{position}", "malformed_tag", detail)


def wrong_addresses(addresses: Mapping[str, str]) -> Iterator[FieldError]:
    """What is wrong with addresses by channel, below `/addresses`."""
    if len(addresses) > MOST_ADDRESSES:
        yield FieldError("/addresses", "too_many_addresses", f"A contact has at most {MOST_ADDRESSES} addresses.")
        return
    for channel, address in addresses.items():
        pointer = f"/addresses/{channel.replace('~', '~0').replace('/', '~1')}"
        if not is_channel(channel):
            yield _no_channel(pointer, channel)
        elif channel == "email":
            yield FieldError(pointer, "address_elsewhere", "The e-mail address of a contact is its field `email`.")
        elif not address.strip() or len(address) > LONGEST_ADDRESS or "\x00" in address:
            yield FieldError(pointer, "malformed_address", f"An address has 1 to {LONGEST_ADDRESS} characters.")
        elif looks_masked(address):
            yield FieldError(pointer, "masked_address", "This is the masked form of an address.")


def _no_channel(pointer: str, name: str) -> FieldError:
    return FieldError(
        pointer, "malformed_channel", f"{name!r} is not a-z, 0-9 and _, beginning with a letter, at most 30."
    )
