"""PURE: what the elements of one camt.053 statement say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from domain.banking.rules.lines import (
    LONGEST_NAME,
    LONGEST_REFERENCE,
    LONGEST_REMITTANCE,
    Direction,
    Movement,
    Opened,
    StatementRefused,
    day_of,
    money_of,
    text_of,
)
from domain.kernel.money import Money

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(T.*|Z|[+-][0-9:]{5})?", re.ASCII)
_MARKS: dict[str, Direction] = {"CRDT": "credit", "DBIT": "debit"}
_NOTHING = Element("none")


def opened_of(head: Sequence[Element], line: int) -> Opened:
    """The statement as its head describes it; raises StatementRefused without an account."""
    account = next((element for element in head if element.tag == "Acct"), _NOTHING)
    number = _text(account, "Id/IBAN") or _text(account, "Id/Othr/Id")
    if not number:
        raise StatementRefused("malformed_statement", "The statement names no account.", line)
    amounts = (element.find("Amt") for element in head)
    currency = _text(account, "Ccy") or next((amount.get("Ccy") for amount in amounts if amount is not None), None)
    told = {element.tag: (element.text or "").strip() for element in head}
    return Opened(
        account=text_of(number, LONGEST_REFERENCE, line),
        reference=text_of(told.get("ElctrncSeqNb") or told.get("Id") or "", LONGEST_REFERENCE, line),
        currency=currency or None,
        opening_balance=_balance(head, ("OPBD", "PRCD"), currency, line),
    )


def closing_of(head: Sequence[Element], line: int) -> Decimal | None:
    """The booked closing balance, signed."""
    return _balance(head, ("CLBD",), None, line)


def movements_of(entry: Element, currency: str | None, line: int) -> Iterator[Movement]:
    """The movements of a booked entry: one, or one for each of its transactions if each has an amount of its own."""
    status = _text(entry, "Sts") or _text(entry, "Sts/Cd")
    if status != "BOOK":
        return
    amount, direction = _amount(entry, currency, line), _direction(entry, line)
    details = entry.findall("NtryDtls/TxDtls")
    split = _amounts(details, amount, direction, line) if len(details) > 1 else None
    if split is None:
        yield _movement(entry, details[0] if len(details) == 1 else _NOTHING, amount, direction, line)
        return
    for transaction, (share, way) in zip(details, split, strict=True):
        yield _movement(entry, transaction, share, way, line)


def _amounts(
    details: Sequence[Element], whole: Money, direction: Direction, line: int
) -> list[tuple[Money, Direction]] | None:
    """What each transaction of a batch booking moved; None unless all say so and come to the amount of the entry."""
    shares: list[tuple[Money, Direction]] = []
    for transaction in details:
        amount = transaction.find("Amt")
        if amount is None:
            amount = transaction.find("AmtDtls/TxAmt/Amt")
        if amount is None or amount.get("Ccy") != whole.currency:
            return None
        way = _MARKS.get(_text(transaction, "CdtDbtInd"), direction)
        shares.append((money_of((amount.text or "").strip(), whole.currency, line), way))
    total = sum((share.amount if way == direction else -share.amount for share, way in shares), Decimal(0))
    return shares if total == whole.amount else None


def _movement(entry: Element, details: Element, amount: Money, direction: Direction, line: int) -> Movement:
    payer = "Dbtr" if direction == "credit" else "Cdtr"
    parties = details.find("RltdPties")
    parties = _NOTHING if parties is None else parties
    remittance = [part.text or "" for part in details.findall("RmtInf/Ustrd")]
    remittance += [part.text or "" for part in details.findall("RmtInf/Strd/CdtrRefInf/Ref")]
    remittance += [part.text or "" for part in details.findall("RmtInf/Strd/RfrdDocInf/Nb")]
    if not remittance:
        remittance = [_text(details, "AddtlTxInf") or _text(entry, "AddtlNtryInf")]
    reference = _text(details, "Refs/EndToEndId")
    return Movement(
        line=line,
        direction=direction,
        amount=amount,
        is_reversal=_text(entry, "RvslInd") in ("true", "1") or details.find("RtrInf") is not None,
        booked_on=_day(entry, "BookgDt", line),
        value_on=None if entry.find("ValDt") is None else _day(entry, "ValDt", line),
        remittance=text_of(" ".join(remittance), LONGEST_REMITTANCE, line),
        counterparty_name=text_of(
            _text(parties, f"{payer}/Nm") or _text(parties, f"{payer}/Pty/Nm"), LONGEST_NAME, line
        ),
        counterparty_account=text_of(
            _text(parties, f"{payer}Acct/Id/IBAN") or _text(parties, f"{payer}Acct/Id/Othr/Id"), LONGEST_REFERENCE, line
        ),
        end_to_end_id=text_of("" if reference == "NOTPROVIDED" else reference, LONGEST_REFERENCE, line),
        bank_reference=text_of(
            _text(details, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef"), LONGEST_REFERENCE, line
        ),
    )


def _direction(element: Element, line: int) -> Direction:
    mark = _MARKS.get(_text(element, "CdtDbtInd"))
    if mark is None:
        raise StatementRefused("malformed_statement", "CdtDbtInd is CRDT or DBIT.", line)
    return mark


def _amount(element: Element, currency: str | None, line: int) -> Money:
    amount = element.find("Amt")
    if amount is None:
        raise StatementRefused("malformed_statement", "There is no Amt.", line)
    told = amount.get("Ccy", currency or "")
    if currency is not None and told != currency:
        raise StatementRefused("mixed_currencies", f"The statement is in {currency}.", line)
    return money_of((amount.text or "").strip(), told, line)


def _balance(head: Sequence[Element], kinds: Sequence[str], currency: str | None, line: int) -> Decimal | None:
    for element in head:
        if element.tag == "Bal" and _text(element, "Tp/CdOrPrtry/Cd") in kinds:
            amount = _amount(element, currency or None, line).amount
            return amount if _direction(element, line) == "credit" else -amount
    return None


def _day(element: Element, name: str, line: int) -> date:
    text = _text(element, f"{name}/Dt") or _text(element, f"{name}/DtTm")
    found = _DAY.fullmatch(text)
    if found is None:
        raise StatementRefused("unparsable_date", f"{name} is no day: {text[:40]!r}.", line)
    return day_of(int(found[1]), int(found[2]), int(found[3]), line)


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
