"""A record on paper: A4, one column, fonts that travel with the file."""

import io
import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.utils.translation import get_language, gettext
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from portal.brand import Brand
from portal.record.contents import Pairs, Record

FONTS = Path(__file__).parent / "fonts"
MARGIN, LABEL_WIDTH, LINE_HEIGHT, SIZE = 20, 52, 5, 9.5
BAND_HEIGHT, LOGO_HEIGHT = 3, 10
INK, SOFT, LINE = (28, 35, 38), (85, 96, 95), (200, 197, 188)

# Here begin the scripts of East Asia, which take a large font of their own.
EAST_ASIA = "\u2e80"

# A character that the fonts lack is drawn as a box; a line in the log for each helps nobody.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class Paper(FPDF):
    def __init__(self, reference: str) -> None:
        super().__init__(format="A4")
        self.reference = reference
        self.add_font("record", fname=FONTS / "DejaVuSans.ttf")
        self.add_font("record", style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 4)

    def add_east_asia(self) -> None:
        self.add_font("east-asia", fname=FONTS / "DroidSansFallback.ttf")
        self.set_fallback_fonts(["east-asia"], exact_match=False)

    def footer(self) -> None:
        self.set_y(-MARGIN + 2)
        self.write_as(8, color=SOFT)
        page = gettext("Page %(page)s of {nb}") % {"page": self.page_no()}
        self.cell(0, 5, f"{self.reference} - {page}", align="R")

    def write_as(
        self, size: float, *, bold: bool = False, color: tuple[int, int, int] = INK
    ) -> None:
        self.set_font("record", style="B" if bold else "", size=size)
        self.set_text_color(*color)

    def band(self, color: tuple[int, int, int]) -> None:
        """Across the top of the first page, in the brand's colour."""
        self.set_fill_color(*color)
        self.rect(0, 0, self.w, BAND_HEIGHT, style="F")

    def paragraph(
        self, text: str, size: float = 10, *, bold: bool = False, color: tuple[int, int, int] = INK
    ) -> None:
        self.write_as(size, bold=bold, color=color)
        self.multi_cell(0, size * 0.52, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str) -> None:
        if self.will_page_break(24):
            self.add_page()
        self.ln(6)
        self.paragraph(text, 13, bold=True)
        self.ln(1.5)

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Label and value side by side, a line under each."""
        for label, value in rows:
            self._pair(label, value)

    def _pair(self, label: str, value: str) -> None:
        label_width, width = LABEL_WIDTH - 3, self.epw - LABEL_WIDTH
        tallest = max(self._height(label, label_width), self._height(value, width))
        if self.will_page_break(min(tallest + 3, self.eph / 2)):
            self.add_page()
        top = self.get_y()
        self.write_as(SIZE, color=SOFT)
        self.multi_cell(label_width, LINE_HEIGHT, label, align="L", new_y=YPos.TOP)
        self.set_xy(self.l_margin + LABEL_WIDTH, top)
        self.write_as(SIZE)
        self.multi_cell(width, LINE_HEIGHT, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if self.get_y() > top:
            # Otherwise the value went on to another page.
            self.set_y(max(self.get_y(), top + self._height(label, label_width)))
        self.ln(1.2)
        self.set_draw_color(*LINE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(1.8)

    def _height(self, text: str, width: float) -> float:
        self.write_as(SIZE)
        found = self.multi_cell(width, LINE_HEIGHT, text, align="L", dry_run=True, output="HEIGHT")
        return float(found)  # type: ignore[arg-type]


def printed(record: Record, *, brand: Brand, now: datetime) -> bytes:
    paper = Paper(record.reference)
    if max(repr(record)) >= EAST_ASIA:
        paper.add_east_asia()
    accent = brand.palette.light.accent
    name = gettext("Record of your update")
    paper.set_title(f"{name} {record.reference}")
    paper.set_author(brand.name)
    paper.set_lang(get_language() or "en")
    paper.set_creation_date(now)
    paper.add_page()
    paper.band((accent.red, accent.green, accent.blue))
    if brand.logo and brand.logo.is_picture:
        paper.image(io.BytesIO(brand.logo.data), h=LOGO_HEIGHT)
        paper.ln(3)
    paper.paragraph(brand.name, 10, color=SOFT)
    paper.ln(1)
    paper.paragraph(name, 20, bold=True)
    paper.ln(1)
    paper.paragraph(record.title, 12)
    paper.ln(1)
    paper.paragraph(
        gettext("Printed on %(when)s. Files are not part of this record.")
        % {"when": record.printed_at},
        9,
        color=SOFT,
    )
    paper.ln(4)
    paper.pairs(record.facts)
    if record.parts or record.note:
        paper.heading(gettext("What was sent"))
    if record.note:
        paper.paragraph(record.note)
    for part in record.parts:
        paper.ln(2)
        paper.paragraph(part.title, 11, bold=True)
        paper.ln(1)
        paper.pairs(part.rows)
    _section(paper, gettext("What was answered"), record.answers)
    _section(paper, gettext("What has happened"), record.timeline)
    return bytes(paper.output())


def _section(paper: Paper, heading: str, rows: Pairs) -> None:
    if rows:
        paper.heading(heading)
        paper.pairs(rows)
