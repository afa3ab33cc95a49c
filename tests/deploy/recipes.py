"""Reads the files by which the portal is installed: Procfile, Dockerfile, compose.yaml, units."""

import json
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.serving import ROOT

DEPLOY = ROOT / "portal" / "deploy"
UNITS = DEPLOY / "systemd"
Unit = dict[str, dict[str, list[str]]]


def procfile() -> dict[str, list[str]]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: shlex.split(command) for name, _, command in (x.partition(": ") for x in lines)}


def compose() -> dict[str, Any]:
    """The services by name."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return found


def unit(path: Path) -> Unit:
    """Section, then name, then every value in order: a name may stand there several times."""
    sections: Unit = {}
    section: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = sections[line.strip("[]")] = defaultdict(list)
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section[name].append(value)
    return sections


@dataclass(frozen=True)
class Stage:
    """One FROM of a Dockerfile with the instructions that follow it, as (word, rest)."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [rest for found, rest in self.steps if found == word]

    def program(self, word: str) -> list[str]:
        """The arguments of the one CMD, or of what HEALTHCHECK runs."""
        [rest] = self.all(word)
        arguments: list[str] = json.loads(rest[rest.index("[") :])
        return arguments


def dockerfile() -> list[Stage]:
    text = re.sub(r"(?m)^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text()).replace("\\\n", " ")
    stages: list[Stage] = []
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append(Stage(base=rest))
        elif stages:
            stages[-1].steps.append((word, rest.strip()))
    return stages


def ignored() -> list[str]:
    """The patterns of .dockerignore in order; the last that fits a path decides."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]
