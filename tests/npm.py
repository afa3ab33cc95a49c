"""Packages of npm that judge our work: fetched once into a folder that git ignores, each in one
version and with the hash of what it was when it was chosen. None of it is ours, and none is run by
npm itself."""

import base64
import hashlib
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Missing

FOLDER = Path(__file__).parent.parent / ".cache" / "npm"


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    # As npm itself writes it: "npm view NAME@VERSION dist.integrity".
    integrity: str

    def archive(self) -> Path:
        """:raises Missing: there is no npm, or it can't reach its registry."""
        name = self.name.removeprefix("@").replace("/", "-")
        archive = FOLDER / f"{name}-{self.version}.tgz"
        if not archive.exists():
            self._fetch()
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert f"sha512-{digest}" == self.integrity, f"{archive} is not what was chosen"
        return archive

    def read(self, path: str) -> bytes:
        """A file out of the package."""
        with tarfile.open(self.archive()) as package:
            member = package.extractfile(f"package/{path}")
            if member is None:
                raise Missing(f"{self} has no {path}")
            return member.read()

    def extracted(self, path: str) -> Path:
        """The same, as a file beside the archive, for programs that want one."""
        file = FOLDER / f"{self.version}-{Path(path).name}"
        if not file.exists():
            contents = self.read(path)
            partial = file.with_suffix(".partial")
            partial.write_bytes(contents)
            partial.rename(file)
        return file

    def _fetch(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", str(self), "--pack-destination", str(FOLDER)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180)
        except FileNotFoundError:
            raise Missing(f"{self.name} needs npm, which is not installed") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise Missing(f"npm could not fetch {self}") from None

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
