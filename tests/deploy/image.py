"""What the Dockerfile builds, built without an engine: its steps are run as plain commands.

``/app`` and ``/venv`` become folders of the image's own. What would change the machine itself is
left out, and only that (``OF_THE_MACHINE``). uv stands in for pip, with pip's arguments: it
installs the same files in a tenth of the time.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from string import Template

from tests.deploy import recipes
from tests.serving import ROOT

OF_THE_MACHINE = ("useradd ", "python -m pip uninstall ")
PIP, UV = "python -m pip --python {} install", "python -m uv pip install --python {}"
# How this machine reaches the package index is told to the build alone.
OF_THE_NETWORK = re.compile(r"(?i)(uv|pip|ssl)_\w+|\w+_proxy|home")
INSIDE = re.compile(r"(?<![\w.])/(app|venv)\b")


@dataclass(frozen=True)
class Image:
    folder: Path
    # What ENV gave it.
    env: dict[str, str]
    left_out: list[str]

    @property
    def app(self) -> Path:
        return self.folder / "app"

    def run(self, *command: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.app,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file with its size and the time of its last change."""
        return {
            str(path.relative_to(self.folder)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in self.folder.rglob("*")
            if path.is_file()
        }


def build(folder: Path) -> Image:
    image = Image(folder=folder, env={}, left_out=[])
    python = str(Path(sys.executable).parent)
    path = f"{python}{os.pathsep}{os.environ['PATH']}"
    network = {name: at for name, at in os.environ.items() if OF_THE_NETWORK.fullmatch(name)}
    for stage in recipes.dockerfile():
        image.env.clear()
        image.env.update(network, PATH=path)
        for word, rest in stage.steps:
            apply(image, word, INSIDE.sub(rf"{folder}/\1", rest))
    for name in network:
        del image.env[name]
    image.env.update(PATH=f"{folder}/venv/bin:/usr/bin:/bin", HOME="/nonexistent")
    return image


def apply(image: Image, word: str, rest: str) -> None:
    match word:
        case "WORKDIR":
            Path(rest).mkdir(exist_ok=True)
        case "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                image.env[name] = Template(value).substitute(image.env)
        case "COPY" if rest.startswith("--from="):
            _stage, source, target = rest.split()
            assert source == target, "both stages share the folder here"
        case "COPY":
            *sources, _target = rest.split()
            copy(sources, image.app)
        case "RUN":
            command = re.sub(r"--mount=\S+\s+", "", rest)
            venv = image.folder / "venv"
            command = command.replace(PIP.format(venv), UV.format(venv))
            if command.startswith(OF_THE_MACHINE):
                image.left_out.append(command)
                return
            done = image.run("sh", "-ec", command)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def copy(sources: list[str], target: Path) -> None:
    for source in sources:
        if source != ".":
            shutil.copy2(ROOT / source, target)
            continue
        for path in wanted(Path()):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, target / path)


def wanted(folder: Path) -> list[Path]:
    """The files of the context that .dockerignore lets through."""
    found: list[Path] = []
    for entry in sorted((ROOT / folder).iterdir()):
        path = folder / entry.name
        if is_ignored(path):
            continue
        found += wanted(path) if entry.is_dir() else [path]
    return found


def is_ignored(path: Path) -> bool:
    decision = False
    for line in recipes.ignored():
        pattern = line.removeprefix("!")
        whole = [str(path), *map(str, path.parents)]
        if any(fnmatch(part, pattern.removeprefix("**/")) for part in (*whole, path.name)):
            decision = not line.startswith("!")
    return decision
