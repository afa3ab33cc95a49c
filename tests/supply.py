"""What the portal is made of: ``make sbom`` writes it down, ``make audit`` asks what is known to be
wrong with it.

An audit that could not ask is no good news: it says of how many packages nothing is known, and ends
with 2. With 1 it ends when something is known to be vulnerable.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
BILL = ROOT / ".cache" / "sbom.cdx.json"
# Where pip-audit can ask; the package index first, since it is there when packages can be had.
SERVICES = ("pypi", "osv")
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2


def write_bill(to: Path = BILL) -> Path:
    """CycloneDX, with the hashes of the pinned files; the same from the same requirements."""
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements"),
            *("--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible"),
            *("--output-file", str(to), str(REQUIREMENTS)),
        ],
        check=True,
    )
    return to


@dataclass
class Findings:
    """Packages as ``name==version``."""

    asked: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    # Package: the vulnerabilities' numbers, each with the versions that mend it.
    vulnerable: dict[str, list[str]] = field(default_factory=dict)
    # What a service said instead of answering.
    complaints: list[str] = field(default_factory=list)

    def add(self, answer: Any) -> None:
        """:param answer: what ``pip-audit --format json`` prints."""
        for package in answer["dependencies"]:
            if "skip_reason" in package:
                # "Dependency not found on PyPI and could not be audited: django (5.2.19)"
                name, version = package["skip_reason"].rpartition(": ")[2].rstrip(")").split(" (")
                self.unknown.add(f"{name}=={version}")
                continue
            name = f"{package['name']}=={package['version']}"
            self.asked.add(name)
            for found in package["vulns"]:
                mended = ", ".join(found["fix_versions"]) or "no version"
                self.vulnerable.setdefault(name, []).append(f"{found['id']} (mended in {mended})")
        self.unknown -= self.asked

    @property
    def verdict(self) -> int:
        if self.vulnerable:
            return VULNERABLE
        return UNKNOWN if self.unknown or not self.asked else CLEAN

    def told(self) -> Iterable[str]:
        yield f"{len(self.asked)} of {len(self.asked | self.unknown)} packages were looked up."
        for package, found in sorted(self.vulnerable.items()):
            yield f"{package} is known to be vulnerable: {'; '.join(found)}"
        if not self.vulnerable and self.asked:
            yield "None of them is known to be vulnerable."
        if self.unknown:
            yield "Of these nothing can be learned here: " + ", ".join(sorted(self.unknown)) + "."
        yield from self.complaints


def audit() -> Findings:
    findings = Findings()
    for service in SERVICES:
        asked = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner"),
                *("off", "--disable-pip", "--require-hashes", "--timeout", "10"),
                *("--vulnerability-service", service, "--requirement", str(REQUIREMENTS)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            findings.add(json.loads(asked.stdout))
        except ValueError:
            last = asked.stderr.strip().splitlines()[-1:] or ["no answer"]
            findings.complaints.append(f"The service {service} can't be asked: {last[0][:200]}")
        if findings.asked and not findings.unknown:
            break
    return findings


def main(what: str) -> int:
    if what == "sbom":
        print(f"The bill of materials is in {write_bill().relative_to(ROOT)}.")
        return 0
    findings = audit()
    print("\n".join(findings.told()))
    return findings.verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
