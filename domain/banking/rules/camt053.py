"""PURE: camt.053 (ISO 20022 BankToCustomerStatement, versions 001.02 on), entry by entry in bounded memory.

Prefixes and versions of the namespace do not matter. DTDs and entities are refused before anything of them is expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from domain.banking.rules.camt053_entries import closing_of, movements_of, opened_of
from domain.banking.rules.lines import Closed, Item, StatementRefused

_KEPT = frozenset({"Ntry", "Acct", "Bal", "Id", "ElctrncSeqNb"})
_DEEPEST, _MOST_NODES, _MOST_CHARACTERS = 40, 500_000, 20_000_000


class Camt053:
    """Feed it pieces of the file, take what became complete."""

    def __init__(self) -> None:
        self._handler = _Handler()
        self._parser: Any = create_parser(forbid_dtd=True)
        self._parser.setContentHandler(self._handler)
        self._handler.line_of = self._parser.getLineNumber

    def feed(self, content: bytes) -> Iterator[Item]:
        """Takes a piece; raises StatementRefused."""
        self._guarded(self._parser.feed, content)
        yield from self._handler.taken()

    def end(self) -> Iterator[Item]:
        """The file is over; raises StatementRefused if it is not complete."""
        self._guarded(self._parser.close)
        yield from self._handler.taken()
        if not self._handler.is_statement_file:
            raise StatementRefused("not_camt053", "There is no BkToCstmrStmt in it.", self._handler.line_of() or 1)

    def _guarded(self, act: Any, *arguments: bytes) -> None:
        try:
            act(*arguments)
        except DefusedXmlException as refused:
            line = self._handler.line_of() or 1
            raise StatementRefused("xml_entities_refused", "DTDs and entities are not read.", line) from refused
        except SAXParseException as wrong:
            code, line = "malformed_xml", wrong.getLineNumber() or 1
            raise StatementRefused(code, f"This is not XML: {wrong.getMessage()}.", line) from wrong


class _Handler(ContentHandler):
    """Keeps one element of a statement at a time, and of the statement what its head says."""

    def __init__(self) -> None:
        super().__init__()
        self.is_statement_file = False
        self.line_of: Any = lambda: 1
        self._path: list[str] = []
        self._items: list[Item] = []
        self._builder: TreeBuilder | None = None
        self._kept_at = self._nodes = self._characters = self._began = 0
        self._head: list[Element] = []
        self._is_open = False
        self._currency: str | None = None
        self._first_line = 1

    def taken(self) -> list[Item]:
        """What became complete since the last time."""
        items, self._items = self._items, []
        return items

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """An element begins."""
        tag = name.rpartition(":")[2]
        self._path.append(tag)
        depth = len(self._path)
        if depth > _DEEPEST:
            raise StatementRefused("malformed_xml", f"Elements are at most {_DEEPEST} deep.", self.line_of())
        if depth == 1:
            self._check_root(tag, attrs)
        elif depth == 2 and tag == "BkToCstmrStmt":
            self.is_statement_file = True
        elif depth == 3 and tag == "Stmt":
            self._head, self._is_open, self._first_line = [], False, self.line_of()
        if self._builder is None and depth == 4 and self._path[2] == "Stmt" and tag in _KEPT:
            self._builder, self._kept_at, self._began = TreeBuilder(), depth, self.line_of()
            self._nodes = self._characters = 0
        if self._builder is not None:
            self._nodes += 1
            if self._nodes > _MOST_NODES:
                raise StatementRefused("entry_too_large", f"An entry has at most {_MOST_NODES} elements.", self._began)
            self._builder.start(tag, {"Ccy": attrs["Ccy"]} if "Ccy" in attrs else {})

    def characters(self, content: str) -> None:
        """Text of the element that is kept, if one is."""
        if self._builder is not None:
            self._characters += len(content)
            if self._characters > _MOST_CHARACTERS:
                raise StatementRefused("entry_too_large", "An entry has at most 20 MB of text.", self._began)
            self._builder.data(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """An element ends."""
        depth, tag = len(self._path), self._path.pop()
        if self._builder is not None:
            self._builder.end(tag)
            if depth == self._kept_at:
                element, self._builder = self._builder.close(), None
                self._complete(tag, element)
        elif depth == 3 and tag == "Stmt":
            self._open()
            self._items.append(Closed(closing_balance=closing_of(self._head, self._first_line)))

    def _complete(self, tag: str, element: Element) -> None:
        if tag != "Ntry":
            self._head.append(element)
            return
        self._open()
        self._items += movements_of(element, self._currency, self._began)

    def _open(self) -> None:
        if not self._is_open:
            opened = opened_of(self._head, self._first_line)
            self._is_open, self._currency = True, opened.currency
            self._items.append(opened)

    def _check_root(self, tag: str, attrs: Any) -> None:
        spaces = [attrs[name] for name in attrs.getNames() if name == "xmlns" or name.startswith("xmlns:")]
        others = [space for space in spaces if ":camt." in space or ":pain." in space or ":pacs." in space]
        if tag != "Document" or any(":camt.053." not in space for space in others):
            raise StatementRefused("not_camt053", "The file is not a camt.053 document.", self.line_of())
