"""Who may import whom: downwards only. Read from the source of every module."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each room may import from rooms of a lower number, and from itself. Rooms of the same number do
# not know each other, except where it says so below.
LEVELS = {
    "compliance.sealing": 0,
    "compliance.models": 0,
    "compliance.gateway": 0,
    "compliance.requirements": 0,
    "compliance.apps": 0,
    "compliance.breaker": 0,
    "compliance.measures": 0,
    "compliance.quick_redis": 0,
    "compliance.slots": 0,
    "compliance.trail": 0,
    "compliance.accounts": 1,
    "compliance.jobs": 1,
    "compliance.acting": 1,
    "compliance.people": 1,
    "compliance.stages": 1,
    "compliance.verification": 1,
    "compliance.rotation": 1,
    "compliance.personal": 5,
    "compliance.standing": 2,
    "compliance.answers": 1,
    "compliance.wording": 2,
    "compliance.callback_address": 2,
    "compliance.workflow": 3,
    "compliance.campaigns": 4,
    "compliance.sync": 4,
    "compliance.notifications": 4,
    "compliance.onboarding": 5,
    "compliance.tasks": 5,
    "compliance.admin": 6,
    "compliance.callbacks": 6,
    "portal": 7,
    "compliance.sandbox": 99,
}
AMONG_EQUALS = {
    # The models seal what they store.
    ("compliance.models", "compliance.sealing"),
    # Counting is not worth a wait.
    ("compliance.measures", "compliance.breaker"),
    ("compliance.measures", "compliance.quick_redis"),
    ("compliance.slots", "compliance.breaker"),
    ("compliance.slots", "compliance.quick_redis"),
    # Every call to Twilio is counted where it is made.
    ("compliance.gateway", "compliance.measures"),
    # And made when it is its turn.
    ("compliance.gateway", "compliance.slots"),
}
# The stand-in for Twilio must be able to disagree with us.
MAY_USE_THE_SANDBOX = ("portal.management.", "compliance.management.", "portal.demo.")


def modules() -> dict[str, ast.Module]:
    found = {}
    for package in ("compliance", "portal"):
        for file in (ROOT / package).rglob("*.py"):
            path = file.relative_to(ROOT).with_suffix("")
            name = ".".join(path.parts).removesuffix(".__init__")
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def imports_of(name: str) -> Iterator[str]:
    """Full names of what a module imports, wherever in it the import stands."""
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                deeper = f"{node.module}.{alias.name}"
                yield deeper if deeper in MODULES else str(node.module)


def room_of(module: str) -> str | None:
    fitting = [room for room in LEVELS if f"{module}.".startswith(f"{room}.")]
    return max(fitting, key=len, default=None)


def test_every_module_has_its_room() -> None:
    homeless = [
        name
        for name in MODULES
        if room_of(name) is None
        and name != "compliance"
        and ".migrations" not in name
        and ".management" not in name
        and ".templatetags" not in name
    ]

    assert homeless == []


@pytest.mark.parametrize("name", [name for name in MODULES if room_of(name)])
def test_imports_lead_downwards(name: str) -> None:
    room = room_of(name)
    assert room is not None
    wrong = []
    for imported in imports_of(name):
        other = room_of(imported)
        if other is None or other in (room, "compliance.sandbox"):
            continue
        if LEVELS[other] >= LEVELS[room] and (room, other) not in AMONG_EQUALS:
            wrong.append(imported)

    assert wrong == []


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("compliance")])
def test_the_domain_does_not_know_the_portal(name: str) -> None:
    assert not [found for found in imports_of(name) if f"{found}.".startswith("portal.")]


@pytest.mark.parametrize("name", MODULES)
def test_only_the_gateway_talks_to_twilio(name: str) -> None:
    if room_of(name) != "compliance.gateway":
        assert not [found for found in imports_of(name) if f"{found}.".startswith("twilio.")]


@pytest.mark.parametrize("name", MODULES)
def test_only_commands_and_the_demo_use_the_sandbox(name: str) -> None:
    if room_of(name) == "compliance.sandbox" or name.startswith(MAY_USE_THE_SANDBOX):
        return
    uses = [found for found in imports_of(name) if f"{found}.".startswith("compliance.sandbox.")]
    assert uses == []


@pytest.mark.parametrize("name", [n for n in MODULES if room_of(n) == "compliance.sandbox"])
def test_the_sandbox_imports_nothing_of_ours(name: str) -> None:
    ours = ("compliance.", "portal.", "django.")
    wrong = [
        found
        for found in imports_of(name)
        if f"{found}.".startswith(ours) and not f"{found}.".startswith("compliance.sandbox.")
    ]

    assert wrong == []


@pytest.mark.parametrize("name", [n for n in MODULES if room_of(n) == "compliance.requirements"])
def test_the_requirements_are_pure(name: str) -> None:
    outside = {found.split(".")[0] for found in imports_of(name)} - {"compliance"}

    assert outside <= set(sys.stdlib_module_names)


def test_the_inspection_of_files_starts_without_django() -> None:
    roots = {found.split(".")[0] for found in imports_of("portal.inspection")}

    assert not roots & {"django", "portal", "compliance", "celery"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_holds_one_idea(name: str) -> None:
    path = ROOT / Path(*name.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    if ".migrations." not in name:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 400
