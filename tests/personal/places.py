"""The places in which the canary run looks for its marks, and what was found there."""

from contextlib import suppress
from pathlib import Path

import psycopg
import requests

from tests.personal.scene import DIRECTORY, Scene
from tests.serving import Portal

TOKEN = "operations-token-of-the-tests"
DATABASE_FILES = ("portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm")


def elsewhere(scene: Scene) -> dict[str, set[str]]:
    """What was found, by the place where it may not be."""
    portal, canaries = scene.portal, scene.canaries
    found = {
        "log": canaries.found_in(read(log_files(portal))),
        "folder": canaries.found_in(read(other_files(portal))),
        "temporary file": canaries.found_in(scene.temporary.everything()),
        "address": canaries.found_in(scene.urls.everything()),
        "error page": canaries.found_in("".join(scene.errors).encode()),
        "mail": canaries.without(*MAY_BE_IN_MAILS).found_in("".join(portal.mails()).encode()),
        "page for machines": canaries.found_in(told_to_machines(portal)),
    }
    if scene.redis is not None:
        found["broker or cache"] = canaries.found_in(scene.redis.everything())
        found["message"] = canaries.found_in(scene.redis.told())
    return {place: marks for place, marks in found.items() if marks}


def log_files(portal: Portal) -> list[Path]:
    return [file for file in portal.folder.iterdir() if file.suffix == ".log"]


def other_files(portal: Portal) -> list[Path]:
    """All but the database; mails are somewhere else."""
    known = {*log_files(portal), *(portal.folder / name for name in DATABASE_FILES)}
    return [file for file in portal.folder.rglob("*") if file.is_file() and file not in known]


def read(files: list[Path]) -> bytes:
    """With their names. One that has gone meanwhile was no place to stay."""
    found = bytearray()
    for file in files:
        with suppress(FileNotFoundError):
            found += str(file).encode() + b"\n" + file.read_bytes() + b"\n"
    return bytes(found)


def told_to_machines(portal: Portal) -> bytes:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    return b"".join(
        requests.get(f"{portal.base_url}/{page}", headers=bearer, timeout=60).content
        for page in ("metrics", "readyz", "healthz")
    )


# A mail names its receiver (To, greeting), the company, and who invited somebody.
MAY_BE_IN_MAILS = (
    f"{DIRECTORY}company",
    f"{DIRECTORY}name",
    f"{DIRECTORY}email",
    f"{DIRECTORY}own name",
)


def what_the_database_has(scene: Scene) -> bytes:
    """The raw bytes of its files, free pages and journal included."""
    if scene.portal.database == "sqlite":
        files = [scene.portal.folder / name for name in DATABASE_FILES]
        return b"".join(file.read_bytes() for file in files if file.exists())
    with psycopg.connect(scene.portal.env["DATABASE_URL"], autocommit=True) as postgres:
        postgres.execute("CHECKPOINT")
        folder, number = postgres.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone() or ("", 0)
    pieces = [file.read_bytes() for file in Path(folder, "base", str(number)).iterdir()]
    return b"".join([*pieces, *(file.read_bytes() for file in Path(folder, "pg_wal").glob("0*"))])


def what_is_left_in_rows(scene: Scene) -> set[str]:
    """Of the renewals that have ended, read with all the keys that there are."""
    code = (
        "import json; from compliance.models import Customer; from compliance import personal;"
        "from django.utils import timezone; from compliance.personal.exporting import contents;"
        "print(json.dumps([contents(c, now=timezone.now()) for c in Customer.objects.all()],"
        " default=str))"
    )
    return scene.of_renewals.found_in(scene.shell(code).encode())
