"""A person with a keyboard and nothing else, who sees where they are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

# More than any page of ours has to stop at.
MOST_STOPS = 120
WHERE = """() => {
  const here = document.activeElement;
  if (!here || here === document.body || here === document.documentElement) return null;
  const label = here.labels?.[0]?.innerText ?? "";
  const name = (here.innerText || label || here.getAttribute("aria-label") || here.name || "")
    .trim().replace(/\\s+/g, " ");
  const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const marked = ring(getComputedStyle(here)) || ring(getComputedStyle(here, "::before"));
  const points = [...here.getClientRects()].flatMap(({ left, right, top, bottom }) =>
    [[(left + right) / 2, (top + bottom) / 2], [left + 3, top + 3], [right - 3, bottom - 3]]);
  const seen = points.some(([x, y]) => {
    const there = document.elementFromPoint(x, y);
    return there && (here === there || here.contains(there) || there.contains(here));
  });
  here.dataset.stop ??= String(window.stops = (window.stops ?? 0) + 1);
  return { number: here.dataset.stop, name, marked, seen, html: here.outerHTML.slice(0, 120) };
}"""


class Keyboard:
    """Tab, Enter, the space bar and letters; no mouse, and no focus but by Tab."""

    def __init__(self, page: "Page") -> None:
        self.page = page

    def tab(self) -> dict[str, Any] | None:
        """Where one comes to; None at the end of the page. Each stop is to be seen."""
        self.page.keyboard.press("Tab")
        where: dict[str, Any] | None = self.page.evaluate(WHERE)
        if where is not None:
            assert where["marked"], f"no visible focus: {where}"
            assert where["seen"], f"the focus is hidden: {where}"
        return where

    def stops(self) -> Iterator[dict[str, Any]]:
        """Every stop from here to the end of the page, which is reached, or to its beginning."""
        numbers: list[str] = []
        for _stop in range(MOST_STOPS):
            where = self.tab()
            if where is None or where["number"] in numbers[:1]:
                return
            # Round about without an end to it.
            assert where["number"] not in numbers, f"a trap: {where}"
            numbers.append(where["number"])
            yield where
        raise AssertionError(f"no end after {MOST_STOPS} stops")

    def to(self, name: str) -> None:
        """On to the next stop whose name has these words."""
        passed = []
        for _stop in range(MOST_STOPS):
            where = self.tab()
            passed.append(where and where["name"])
            if where and name in where["name"]:
                return
        raise AssertionError(f"{name} is not on the way: {passed}")

    def press(self, name: str, key: str = "Enter") -> None:
        self.to(name)
        self.page.keyboard.press(key)

    def leave(self, name: str) -> None:
        """Follow a link or press a button that leads to another page."""
        self.to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
