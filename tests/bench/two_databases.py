"""Two databases of different size behind the same code, to measure one beside the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
from django.db import connections

from tests import serving


@contextmanager
def another(kind: str, folder: Path) -> Iterator[None]:
    """A second one, migrated and empty, which :func:`on` leads to by the name "other"."""
    folder.mkdir(parents=True, exist_ok=True)
    url = serving.fresh_database(kind, folder)
    connections.databases["other"] = {
        **connections.databases["default"],
        **environ.Env.db_url_config(url),
    }
    try:
        yield
    finally:
        connections["other"].close()
        del connections.databases["other"]
        serving.drop_database(url)


@contextmanager
def on(name: str) -> Iterator[None]:
    """Whatever asks for the default database gets this one."""
    usual = connections["default"]
    connections["default"] = connections[name]
    try:
        yield
    finally:
        connections["default"] = usual
