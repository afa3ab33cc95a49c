"""Every variable is written down in the sample file and in the README, and no other."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def names_that_are_read() -> set[str]:
    """The first argument of every ``env.kind("NAME")`` and ``os.environ.get("NAME")``."""
    found = set()
    for file, readers in (
        ("settings.py", {"env.text", "env.flag", "env.whole", "env.number", "env.several"}),
        ("settings.py", {"env.database", "env.mail", "env.one_of", "env.whole_numbers"}),
        ("gunicorn.py", {"os.environ.get"}),
    ):
        for node in ast.walk(ast.parse((ROOT / "portal" / file).read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in readers:
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_every_way_to_read_a_variable_is_known_to_this_test() -> None:
    settings = (ROOT / "portal" / "settings.py").read_text()

    assert len(re.findall(r"\benv\.[a-z_]+\(", settings)) == len(
        re.findall(
            r"\benv\.(text|flag|whole|whole_numbers|number|several|database|mail|one_of)\(",
            settings,
        )
    )
    assert "os.environ" not in settings


def test_the_sample_file_has_them_all_each_with_a_comment() -> None:
    lines = (ROOT / ".env.sample").read_text().splitlines()

    assert {line.partition("=")[0] for line in lines if re.match(r"[A-Z]", line)} == (
        names_that_are_read()
    )
    for before, line in pairwise(lines):
        if re.match(r"[A-Z]", line):
            assert before.startswith("# "), line


@pytest.mark.skipif(not README.exists(), reason="there is no README yet")
def test_the_readme_has_them_all() -> None:
    rows = re.findall(r"^\| *`?([A-Z][A-Z_]+)`? *\|", README.read_text(), re.MULTILINE)

    assert set(rows) == names_that_are_read()
