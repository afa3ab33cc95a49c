"""Google's Lighthouse, which judges one page as a phone on a slow line would see it.

It is a program of npm with 200 packages: the lock file beside this module names each with its hash.
None of their own scripts is run when they are installed, into a folder that git ignores.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import browsers
from tests.npm import FOLDER
from tests.servers import Missing

HERE = Path(__file__).parent
PLACE = FOLDER / "lighthouse"
PROGRAM = PLACE / "node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices")
# Chromium's own sandbox does not work for root.
CHROMIUM_FLAGS = "--headless=new --no-sandbox"
INSTALLING, LOOKING = 600, 180
# Now and then it loses what the browser tells it, and asks to be run again.
TRIES = 2


@dataclass(frozen=True)
class Verdict:
    """:param scores: by category, of 100.
    :param lost: the names of the audits that cost something.
    """

    scores: dict[str, int]
    lost: list[str]


def install() -> None:
    """:raises Missing: there is no Node.js, or npm can't reach its registry."""
    wanted = (HERE / "package-lock.json").read_bytes()
    has = PLACE / "node_modules/.of"
    if has.exists() and has.read_bytes() == wanted:
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, PLACE / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=PLACE, check=True, capture_output=True, timeout=INSTALLING)
    except FileNotFoundError:
        raise Missing("Lighthouse needs npm, which is not installed") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Missing("npm could not fetch Lighthouse") from None
    has.write_bytes(wanted)


def judge(url: str, *, session: str, folder: Path) -> Verdict:
    """:param session: the cookie of whom the page is for; "" for nobody."""
    report, headers = folder / "report.json", folder / "headers.json"
    # In a file: the arguments of a program can be read by everybody on the machine.
    headers.write_text(json.dumps({"Cookie": f"session={session}"} if session else {}))
    command = [
        "node", str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={CHROMIUM_FLAGS}",
        f"--extra-headers={headers}", "--no-enable-error-reporting",
    ]  # fmt: skip
    env = {**os.environ, "CHROME_PATH": browsers.chromium()}
    for _ in range(TRIES):
        ended = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=LOOKING, check=False
        )
        if ended.returncode == 0:
            break
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    # A page may lead on to another one, but not to the one that asks who is there.
    seen = told["finalDisplayedUrl"]
    assert session == "" or "/sign-in/" in url or "/sign-in/" not in seen, seen
    assert not told.get("runtimeError"), told["runtimeError"]
    return Verdict(
        scores={name: round(100 * told["categories"][name]["score"]) for name in CATEGORIES},
        lost=_lost(told),
    )


def _lost(told: dict[str, Any]) -> list[str]:
    references = [each for found in told["categories"].values() for each in found["auditRefs"]]
    weighed = {each["id"] for each in references if each["weight"]}
    scores = {name: told["audits"][name]["score"] for name in weighed}
    return sorted(name for name, score in scores.items() if score is not None and score < 1)
