"""PURE: what field 86 of an MT940 line says: in numbered subfields (?20), in code words (/REMI/, EREF+), or as plain text."""

from __future__ import annotations

import re
from typing import NamedTuple

_SUBFIELD = re.compile(r"\?([0-9]{2})")
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+")
_SLASHED = re.compile(r"/(EREF|REMI|NAME|IBAN|ORDP|BENM|MARF|CSID|TRTP|TRCD|USTD|ISDT|BIC|ADDR|PREF|RTRN)/")
_WIDTH = 65
_REMITTANCE = (*(f"{n}" for n in range(20, 30)), *(f"{n}" for n in range(60, 64)))


class Details(NamedTuple):
    """Who paid what for; an empty text is nothing said."""

    remittance: str = ""
    name: str = ""
    account: str = ""
    end_to_end_id: str = ""


def details_of(lines: list[str]) -> Details:
    """What the lines of field 86 say."""
    whole = "".join(lines)
    if len(_SUBFIELD.findall(whole)) > 1:
        return _numbered(whole)
    if _SLASHED.match(whole):
        return _slashed(whole)
    # A line that is full was cut by the bank, maybe in the middle of a word; a shorter one ended there.
    joined = "".join(line if len(line) >= _WIDTH else f"{line} " for line in lines)
    return Details(remittance=joined)


def _numbered(whole: str) -> Details:
    parts = _SUBFIELD.split(whole)[1:]
    fields: dict[str, str] = {}
    for key, text in zip(parts[::2], parts[1::2], strict=True):
        fields[key] = fields.get(key, "") + text
    purpose = "".join(fields.get(key, "") for key in _REMITTANCE)
    words = _words(_SEPA, purpose)
    return Details(
        remittance=words.get("SVWZ", "") if "SVWZ" in words else words.get("", "") or purpose,
        name=fields.get("32", "") + fields.get("33", ""),
        account=words.get("IBAN", "") or fields.get("31", ""),
        end_to_end_id=_told(words.get("EREF", "")),
    )


def _slashed(whole: str) -> Details:
    words = _words(_SLASHED, whole)
    remittance = words.get("REMI", "") or words.get("USTD", "")
    return Details(
        remittance=remittance.removeprefix("USTD//"),
        name=words.get("NAME", "").strip("/"),
        account=words.get("IBAN", "").strip("/"),
        end_to_end_id=_told(words.get("EREF", "").strip("/")),
    )


def _words(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """Code word to its text; what comes before the first is under the empty word."""
    first, *parts = pattern.split(text)
    return {"": first, **{key: said.strip() for key, said in zip(parts[::2], parts[1::2], strict=True)}}


def _told(reference: str) -> str:
    return "" if reference.upper() == "NOTPROVIDED" else reference
