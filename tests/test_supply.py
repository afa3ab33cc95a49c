"""What the portal is made of is pinned, justified and written down."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.supply import CLEAN, REQUIREMENTS, ROOT, UNKNOWN, VULNERABLE, Findings, write_bill

PINNED = re.compile(r"(?m)^([a-z0-9-]+)(?:\[[\w,]+\])?==([^\s;]+)")
PYPROJECT = ROOT / "pyproject.toml"


def pinned(text: str) -> dict[str, str]:
    return dict(PINNED.findall(text))


def test_every_package_is_pinned_with_its_hashes() -> None:
    for file in (REQUIREMENTS, ROOT / "tests" / "requirements.txt"):
        text = file.read_text()
        blocks = re.split(r"(?m)^(?=\S)", text)
        packages = [block for block in blocks if block.strip() and not block.startswith("#")]
        assert len(packages) == len(pinned(text)) > 20
        for block in packages:
            assert "--hash=sha256:" in block, block[:60]


def test_the_tests_run_on_the_versions_that_are_installed_in_earnest() -> None:
    ours, theirs = (
        pinned(file.read_text()) for file in (REQUIREMENTS, ROOT / "tests" / "requirements.txt")
    )
    assert ours.items() <= theirs.items()


def test_each_dependency_says_what_it_is_for() -> None:
    text = PYPROJECT.read_text()
    block = text[text.index("dependencies = [") : text.index("\n]")]
    before = ""
    for line in map(str.strip, block.splitlines()[1:]):
        assert line.startswith('"') <= before.startswith("#"), line
        before = line
    names = [re.match(r"[\w-]+", line) for line in dependencies()]
    assert {name[0] for name in names if name} <= set(pinned(REQUIREMENTS.read_text()))


def dependencies() -> list[str]:
    found: list[str] = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    return found


def test_the_bill_of_materials_names_everything_and_keeps_to_its_schema(tmp_path: Path) -> None:
    text = write_bill(tmp_path / "a.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert bill["specVersion"] == "1.6"
    assert bill["metadata"]["component"]["name"] == "phone-compliance-portal"
    components = {each["name"]: each for each in bill["components"]}
    assert {name: each["version"] for name, each in components.items()} == pinned(
        REQUIREMENTS.read_text()
    )
    for name, each in components.items():
        [files] = each["externalReferences"]
        assert files["hashes"], name
        assert each["purl"] == f"pkg:pypi/{name}@{each['version']}"


def test_the_same_requirements_make_the_same_bill(tmp_path: Path) -> None:
    first, second = write_bill(tmp_path / "a.json"), write_bill(tmp_path / "b.json")
    assert first.read_bytes() == second.read_bytes()


# --- The audit ----------------------------------------------------------------------------------


def looked_up(*vulnerabilities: dict[str, Any]) -> dict[str, Any]:
    package = {"name": "django", "version": "5.2.19", "vulns": list(vulnerabilities)}
    return {"dependencies": [package], "fixes": []}


def skipped(name: str) -> dict[str, Any]:
    why = f"Dependency not found on PyPI and could not be audited: {name}"
    return {"dependencies": [{"name": name.split()[0], "skip_reason": why}], "fixes": []}


def test_an_audit_that_could_not_ask_is_no_good_news() -> None:
    findings = Findings()
    assert findings.verdict == UNKNOWN
    findings.add(skipped("django (5.2.19)"))
    assert findings.verdict == UNKNOWN
    assert "0 of 1 packages were looked up." in findings.told()
    assert any("nothing can be learned" in line for line in findings.told())


def test_what_one_service_does_not_know_another_may() -> None:
    findings = Findings()
    findings.add(skipped("django (5.2.19)"))
    findings.add(looked_up())
    assert findings.verdict == CLEAN
    assert "None of them is known to be vulnerable." in findings.told()


def test_what_is_known_is_told_with_what_mends_it() -> None:
    findings = Findings()
    findings.add(looked_up({"id": "PYSEC-1", "fix_versions": ["5.2.20"]}))
    findings.add(skipped("twilio (9.13.0)"))
    assert findings.verdict == VULNERABLE
    told = "\n".join(findings.told())
    assert "django==5.2.19 is known to be vulnerable: PYSEC-1 (mended in 5.2.20)" in told
    assert "None of them" not in told
