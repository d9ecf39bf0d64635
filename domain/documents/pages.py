"""PURE: pages of A4 in an embedded font that has Latin, Greek, Cyrillic and 30,000 Chinese characters; the same input gives the same bytes.

Only the glyphs that are used go into the file. Making pages is work for the processor: call it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import DocumentCompliance, TableBordersLayout, TableHeadingsDisplay
from fpdf.fonts import FontFace

from domain.documents.archival import metadata

Align = Literal["LEFT", "RIGHT"]
_FONT_FILE = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
_FONT = "noto"
_MARGIN = 15  # millimetres
_SIZE = 8.5  # points
_LINE = 4.6  # millimetres
_GREY = (120, 120, 120)
_SHADE = (235, 238, 242)
_CREATOR = "Dunwell"
_MISSING = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its share of the width, and on which side its text stands."""

    heading: str
    share: float
    align: Align = "LEFT"


class Pages:
    """A document that is written from top to bottom."""

    def __init__(
        self, *, title: str, sender: str, language: str, dated_on: date, page_words: str, archival: bool = False
    ) -> None:
        """`page_words` says where one is, e.g. `Page {page} of {pages}`; `dated_on` is when the file says it was made.

        An `archival` file keeps to PDF/A-2b (ISO 19005-2), so that it looks the same in decades.
        """
        self._pdf = _Sheet(page_words, DocumentCompliance.PDFA_2B if archival else None)
        self._pdf.add_font(_FONT, "", _FONT_FILE)
        self._pdf.sender = self.printable(sender)
        self._pdf.set_font(_FONT, size=_SIZE)
        self._pdf.set_title(title)
        self._pdf.set_author(sender)
        self._pdf.set_lang(language)
        self._pdf.set_creator(_CREATOR)
        at = datetime.combine(dated_on, time.min, tzinfo=UTC)
        self._pdf.set_creation_date(at)
        if archival:
            self._pdf.set_producer(_CREATOR)
            said = metadata(title=title, author=sender, creator=_CREATOR, producer=_CREATOR, at=at)
            self._pdf.set_xmp_metadata(said)
        self._pdf.set_margin(_MARGIN)
        self._pdf.set_auto_page_break(auto=True, margin=_MARGIN + 5)
        self._pdf.add_page()

    def heading(self, text: str, *, size: float = 16) -> None:
        """A line in a larger size."""
        self._pdf.set_font(_FONT, size=size)
        self._line(text, height=size * 0.5)
        self._pdf.set_font(_FONT, size=_SIZE)

    def text(self, text: str, *, size: float = _SIZE) -> None:
        """Paragraphs, `size` in points; long lines are wrapped."""
        self._pdf.set_font(_FONT, size=size)
        self._line(text, height=_LINE * size / _SIZE)
        self._pdf.set_font(_FONT, size=_SIZE)

    def gap(self, millimetres: float = 3) -> None:
        """Room between two things."""
        self._pdf.ln(millimetres)

    def table(self, columns: Sequence[Column], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> None:
        """Rows under headings that come again on each page; what is too long for its column is wrapped."""
        with self._pdf.table(
            col_widths=tuple(column.share for column in columns),
            text_align=tuple(column.align for column in columns),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(fill_color=_SHADE),
            line_height=_LINE,
            padding=(0.6, 1),
            repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
        ) as table:
            table.row([self.printable(column.heading) for column in columns])
            for row in rows:
                table.row([self.printable(cell) for cell in row])

    def output(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())

    @property
    def count(self) -> int:
        """How many pages there are."""
        return self._pdf.pages_count

    def printable(self, text: str) -> str:
        """The text without control characters, with a white square for what the font has no glyph of."""
        known = self._pdf.fonts[_FONT].cmap  # type: ignore[union-attr]
        return "".join(
            character if ord(character) in known else (" " if character.isspace() else _MISSING)
            for character in text
            if character.isprintable() or character.isspace()
        )

    def _line(self, text: str, *, height: float) -> None:
        self._pdf.multi_cell(0, height, self.printable(text), align="L", new_x="LMARGIN", new_y="NEXT")


class _Sheet(FPDF):
    """Says at the foot of each page from whom it is and which page it is."""

    def __init__(self, page_words: str, compliance: DocumentCompliance | None = None) -> None:
        super().__init__(format="A4", enforce_compliance=compliance)
        self.sender = ""
        self._page_words = page_words

    def footer(self) -> None:
        """Called for each page."""
        self.set_y(-_MARGIN)
        self.set_font(_FONT, size=7)
        self.set_text_color(*_GREY)
        where = self._page_words.format(page=self.page_no(), pages=self.str_alias_nb_pages)
        self.cell(self.epw / 2, 5, self.sender[:60])
        self.cell(self.epw / 2, 5, where, align="R")
        self.set_text_color(0, 0, 0)
