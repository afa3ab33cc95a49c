"""A disk that is full: whoever enters something learns that it was not saved; the worker begins
nothing whose intent can't be written down, and goes on by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.answers import checklist_of
from compliance.models import Answer, Customer, Draft, Renewal, User
from tests.factories import german_renewal, make_customer, make_user
from tests.pages.reading import heading, words
from tests.world import World

State = Renewal.State
KEY = "acme-de-passes"

only_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a limit of pages is SQLite's; a PostgreSQL has a restart"
)


@contextmanager
def full_disk() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        # What is free in the pages that there are.
        cursor.execute("CREATE TABLE filling (what BLOB)")
    try:
        with connection.cursor() as cursor:
            for size in (4000, 400, 40):
                while _fits(cursor, size):
                    pass
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
            cursor.execute("DROP TABLE filling")


def _fits(cursor: object, size: int) -> bool:
    try:
        cursor.execute("INSERT INTO filling VALUES (zeroblob(%s))", [size])  # type: ignore[attr-defined]
    except OperationalError:
        return False
    return True


@pytest.fixture
def acme(transactional_db: None) -> Customer:
    return make_customer("Acme GmbH")


@pytest.fixture
def ada(acme: Customer) -> User:
    return make_user("ada@acme.example", name="Ada", customer=acme)
