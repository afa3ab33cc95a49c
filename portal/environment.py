"""Reads settings from the environment. An unusable value is noted and replaced by the default, so
that ``manage.py check`` can say in a sentence what is wrong instead of a traceback."""

import warnings
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv


class Environment:
    """One method a type. ``NAME_FILE`` names a file that holds the value of ``NAME``."""

    def __init__(self) -> None:
        self._env = FileAwareEnv()
        self.problems: list[str] = []
        words = {"", "false", "off", "no", "n", "0"}
        self._booleans = words | set(self._env.BOOLEAN_TRUE_STRINGS)

    def text(self, name: str, default: str = "") -> Any:
        return self._read("str", name, default, "plain text")

    def flag(self, name: str, *, default: bool = False) -> Any:
        return self._read("bool", name, default, "true or false")

    def one_of(self, name: str, choices: list[str], default: str) -> Any:
        value = str(self.text(name, default)).upper()
        if value not in choices:
            self.problems.append(f"{name} can't be read: it should be one of {', '.join(choices)}.")
            return default
        return value

    def whole(self, name: str, default: int) -> Any:
        return self._read("int", name, default, str(default))

    def number(self, name: str, default: float) -> Any:
        return self._read("float", name, default, str(default))

    def several(self, name: str, default: list[str]) -> Any:
        return self._read("list", name, default, "one,two,three")

    def whole_numbers(self, name: str, default: list[int]) -> list[int]:
        """Numbers by commas; none at all means the default."""
        texts = self.several(name, default=[])
        try:
            return [int(text) for text in texts] or default
        except ValueError:
            example = ",".join(map(str, default))
            self.problems.append(f"{name} can't be read: it should look like {example}.")
            return default

    def database(self, name: str, default: str) -> Any:
        return self._read("db_url", name, default, "postgres://user:password@host/name")

    def mail(self, name: str, default: str) -> Any:
        found = self._read("email_url", name, default, "smtp+tls://user:password@host:587")
        # The parser takes the first slash of filemail:///folder away, so the folder would be
        # looked for beside the process.
        folder = found.get("EMAIL_FILE_PATH")
        return {**found, "EMAIL_FILE_PATH": f"/{folder.lstrip('/')}"} if folder else found

    def _read(self, kind: str, name: str, default: Any, example: str) -> Any:
        read = getattr(self._env, kind)
        try:
            if kind == "bool" and self._env.str(name, default="").lower() not in self._booleans:
                raise ValueError
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a kind of database that it does not know
                value = read(name, default=default)
            if kind == "db_url" and "ENGINE" not in value:
                raise ValueError
            return value
        except (ImproperlyConfigured, ValueError, TypeError, OSError):
            self.problems.append(f"{name} can't be read: it should look like {example}.")
            return read("NO_SUCH_NAME", default=default)
