"""A customer who types marks into everything that is asked, and files with marks in them."""

import io
from typing import Any

from PIL import Image
from playwright.sync_api import expect

from tests.personal.canary import Canaries
from tests.portal import specimens
from tests.story.customer import Customer


class Marked(Customer):
    """Types marks into everything that is asked."""

    canaries: Canaries

    def fill(self, *, document: bytes | None = None) -> None:
        expect(self.page.get_by_role("button", name="Save and continue")).to_be_visible()
        self.page.wait_for_load_state("load")
        form = self.page.locator("form.form")
        for field in form.locator("input[type=text], input[type=email], textarea").all():
            # What was typed when the form was refused is there again, and as long.
            if field.is_visible() and not 0 < len(field.input_value()) <= 250:
                field.fill(self._mark(field.get_attribute("name") or ""))
        super().fill(document=document or self._document())

    def _mark(self, name: str) -> str:
        if "postal" in name:
            return "69002"
        if "number" in name:
            return self.canaries.number(f"answer:{self.key}:{name}")
        mark = self.canaries.word(f"answer:{self.key}:{name}")
        if "email" in name:
            return f"{mark}@{mark}.example"
        return f"https://{mark}.example" if "website" in name else mark

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
