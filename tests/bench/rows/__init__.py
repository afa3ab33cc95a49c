"""The rows: each module here has a ``ROW``."""

import pkgutil
from importlib import import_module

from tests.bench.row import Row


def every() -> dict[str, Row]:
    """By name, in the order of the modules' names. Django has to be set up."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    rows: list[Row] = [import_module(f"{__name__}.{module}").ROW for module in modules]
    return {row.name: row for row in rows}
