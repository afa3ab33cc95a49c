"""Collects the sentences that are to be translated, and compiles the translations: what
``make messages`` runs. Needs gettext's programs.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers import Missing

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "fr")
FOLDERS = ("portal/locale", "compliance/locale")
PROGRAMS = ("xgettext", "msgmerge", "msgfmt")
# These speak to developers, in English.
NOT_TRANSLATED = ("tests", "portal/demo", "compliance/sandbox", ".*")


def collect(root: Path = ROOT) -> None:
    """Bring the .po files of the project in ``root`` up to date with its code and templates.

    :raises Missing: gettext is not installed.
    """
    languages = [part for language in LANGUAGES for part in ("--locale", language)]
    ignored = [part for pattern in NOT_TRANSLATED for part in ("--ignore", pattern)]
    _manage(
        root, "makemessages", *languages, *ignored,
        "--add-location", "file", "--no-obsolete", "--verbosity", "0",
    )  # fmt: skip


def compile_all(root: Path = ROOT) -> None:
    """Make the .mo files, which are kept beside the others: who installs needs no gettext."""
    _manage(root, "compilemessages", "--ignore", ".*", "--verbosity", "0")


def absent() -> str:
    """What keeps the two above from running, in a sentence; nothing if all is there."""
    programs = [program for program in PROGRAMS if not shutil.which(program)]
    return f"gettext is not installed: {', '.join(programs)} can't be found" if programs else ""


def catalogues(root: Path = ROOT) -> list[Path]:
    return [
        root / folder / language / "LC_MESSAGES" / "django.po"
        for folder in FOLDERS
        for language in LANGUAGES
    ]


def _manage(root: Path, *arguments: str) -> None:
    if reason := absent():
        raise Missing(reason)
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=root,
        env={**os.environ, "DEBUG": "true"},
        check=True,
    )


if __name__ == "__main__":
    try:
        collect()
        compile_all()
    except Missing as missing:
        sys.exit(f"{missing}. On Debian and Ubuntu: apt install gettext")
