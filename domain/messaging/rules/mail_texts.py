"""PURE: what a person wrote in a mail, without what the mail quotes."""

from __future__ import annotations

import re
from email.message import Message
from html.parser import HTMLParser

LONGEST_REPLY = 2000
# Where mail programs begin to quote the mail that is answered, in English and Chinese.
_QUOTE = re.compile(
    r"^\s*(-{2,}\s*(original message|forwarded message|原始邮件|原邮件|转发邮件)|on .{3,200} wrote:\s*$"
    r"|在.{3,200}写道[:：]\s*$|from:\s.*@|发件人[:：])",
    re.IGNORECASE | re.MULTILINE,
)
_BREAKS = frozenset({"br", "p", "div", "tr", "li"})
_SILENT = frozenset({"script", "style", "head", "blockquote"})


def reply_text(mail: Message) -> str:
    """The plain text, else the words of the HTML, at most 2,000 characters; "" if there is none."""
    for kind in ("text/plain", "text/html"):
        for part in mail.walk():
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                text = _decoded(part)
                return _unquoted(text if kind == "text/plain" else _words(text))[:LONGEST_REPLY]
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def _unquoted(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if begins := _QUOTE.search(text):
        text = text[: begins.start()]
    lines = [line.rstrip() for line in text.split("\n") if not line.startswith(">")]
    return "\n".join(lines).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _words(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    return "".join(reader.words)
