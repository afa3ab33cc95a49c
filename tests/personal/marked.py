"""A customer who types marks into everything that is asked, and files with marks in them."""

import io
from datetime import date
from typing import Any

from PIL import Image
from playwright.sync_api import expect

from tests.personal.canary import FAR_AHEAD, LONG_AGO, Canaries
from tests.portal import specimens
from tests.story.customer import Customer


class Marked(Customer):
    """Types marks into everything that is asked."""

    canaries: Canaries
    days: dict[str, date]

    def fill(self, *, document: bytes | None = None) -> None:
        expect(self.page.get_by_role("button", name="Save and continue")).to_be_visible()
        self.page.wait_for_load_state("load")
        form = self.page.locator("form.form")
        kinds = ("text", "email", "tel")
        fields = ", ".join((*(f"input[type={kind}]" for kind in kinds), "textarea"))
        for field in form.locator(fields).all():
            name = field.get_attribute("name") or ""
            # What was typed when the form was refused is there again, and as long.
            typed = 0 < len(field.input_value()) <= 250
            if field.is_visible() and (not typed or "date" in name or "phone" in name):
                field.fill(self.mark(name))
        super().fill(document=document or self._document())

    def mark(self, name: str, what: str = "answer") -> str:
        """One that the field of this name takes."""
        place = f"{what}:{self.key}:{name}"
        if "date" in name:
            return self._part_of_day(place)
        if "phone" in name:
            return self.canaries.phone(place)
        if "postal" in name:
            return "69002"
        if "number" in name:
            return self.canaries.number(place)
        mark = self.canaries.word(place)
        if "email" in name:
            return f"{mark}@{mark}.example"
        return f"https://{mark}.example" if "website" in name else mark

    def _part_of_day(self, place: str) -> str:
        """The same day in all fields of a name: papers have to say what the details say."""
        whole, _, part = place.rpartition("-")
        if whole not in self.days:
            year = FAR_AHEAD if "expir" in whole else LONG_AGO
            self.days[whole] = self.canaries.day(whole, year=year)
            field = whole.rpartition(":")[2]
            for posted in (f"{field}-y={year}", f"{field}-y': ['{year}']"):
                self.canaries.value(f"{whole} {posted}", posted)
        day = self.days[whole]
        return str({"d": day.day, "m": day.month, "y": day.year}[part])

    def _document(self) -> bytes:
        return marked_pdf(self.canaries, f"file:{self.key}:{len(self.canaries.given)}")

    def choose(self, upload: Any, data: bytes, name: str = "") -> None:
        mark = self.canaries.word(f"file:{self.key}:name")
        super().choose(upload, data, f"{mark}.pdf")


def marked_pdf(canaries: Canaries, place: str) -> bytes:
    """Its text is marked, and a piece of its bytes stands for the file."""
    mark = canaries.word(f"{place}:text").encode()

    def write(document: Any) -> None:
        text = b"BT /F1 24 Tf 72 600 Td (" + mark + b") Tj ET"
        document.pages[0].contents_add(document.make_stream(text))
        document.docinfo["/Title"] = mark.decode()

    made = specimens.pdf(change=write, compress_streams=False)
    # Of the page: what the file says about itself is not kept anyway.
    middle = made.index(b"(" + mark + b") Tj")
    canaries.value(f"{place}:bytes", made[middle - 20 : middle + 30])
    return made


def marked_jpeg(canaries: Canaries, place: str) -> bytes:
    noise = Image.effect_noise((400, 300), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    made = out.getvalue()
    canaries.value(f"{place}:bytes", made[len(made) // 2 : len(made) // 2 + 48])
    return made
