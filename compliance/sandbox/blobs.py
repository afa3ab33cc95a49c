"""The bytes of uploaded files, kept once for each content: in memory, or in a folder."""

import hashlib
import shutil
from collections.abc import Collection
from pathlib import Path


class Blobs:
    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        key = hashlib.sha256(content).hexdigest()
        if self._folder is None:
            self._memory[key] = content
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / key
            if not path.exists():
                partial = path.with_suffix(".partial")
                partial.write_bytes(content)
                partial.replace(path)
        return key

    def get(self, key: str) -> bytes | None:
        if self._folder is None:
            return self._memory.get(key)
        try:
            return (self._folder / key).read_bytes()
        except FileNotFoundError:
            return None

    def keep_only(self, keys: Collection[str]) -> None:
        """Drop what no document refers to any more."""
        for key in [key for key in self._memory if key not in keys]:
            del self._memory[key]
        if self._folder is not None and self._folder.is_dir():
            for path in self._folder.iterdir():
                if path.name not in keys:
                    path.unlink(missing_ok=True)

    def clear(self) -> None:
        self._memory.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
