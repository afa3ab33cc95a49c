"""German and French are complete, well formed and compiled."""

import io
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from tests import messages
from tests.conftest import cannot_run
from tests.servers import Missing

CATALOGUES = messages.catalogues()
each_catalogue = pytest.mark.parametrize(
    "path", CATALOGUES, ids=["-".join(path.parts[-5:-2:2]) for path in CATALOGUES]
)


def read(path: Path) -> Catalog:
    return read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3])


@each_catalogue
def test_every_sentence_is_translated(path: Path) -> None:
    catalogue = read(path)
    assert len(catalogue) > 100
    texts = [(message.id, message.string) for message in catalogue if message.id]
    missing = [id_ for id_, string in texts if not all(_forms(string))]
    assert not missing
    assert not [message.id for message in catalogue if message.id and message.fuzzy]
    assert not catalogue.obsolete


@each_catalogue
def test_every_variable_is_in_its_translation(path: Path) -> None:
    assert not [(message.id, errors) for message, errors in read(path).check() if errors]


@each_catalogue
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    again = io.BytesIO()
    write_mo(again, read(path))
    assert _strings(path.with_suffix(".mo").read_bytes()) == _strings(again.getvalue())


def test_the_catalogues_have_what_the_code_says(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    hidden = shutil.ignore_patterns(".*", "__pycache__", "tests")
    shutil.copytree(messages.ROOT, copy, ignore=hidden)
    try:
        messages.collect(copy)
    except Missing as missing:
        cannot_run(str(missing))
    for ours, collected in zip(CATALOGUES, messages.catalogues(copy), strict=True):
        assert _keys(read(ours)) == _keys(read(collected)), f"{ours}: run make messages"


def _strings(compiled: bytes) -> dict[tuple[object, object], object]:
    catalogue = read_mo(io.BytesIO(compiled))
    return {(str(m.id), m.context): m.string for m in catalogue if m.id}


def _keys(catalogue: Catalog) -> set[tuple[object, object]]:
    return {(message.id, message.context) for message in catalogue}


def _forms(string: object) -> tuple[object, ...]:
    return string if isinstance(string, tuple) else (string,)
