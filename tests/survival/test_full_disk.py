"""A disk that is full: whoever enters something learns that it was not saved; the worker begins
nothing twice, and both go on by themselves once there is room."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from compliance.models import Answer, Renewal
from compliance.sandbox import seed
from tests.factories import german_renewal, make_customer, make_user
from tests.pages.answering import EXTRACT, url
from tests.pages.reading import heading, words
from tests.portal import specimens
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
State = Renewal.State
KEY = "acme-de-passes"
PAPER = "business_name_info"
NO_LIMIT = 1_073_741_823
# PostgreSQL knows no limit for a database, and a small disk takes root. So the server says at each
# write what it says when it can't extend a file, under the code that belongs to it.
NO_SPACE = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$
"""


def full_disk() -> AbstractContextManager[None]:
    return full_file() if connection.vendor == "sqlite" else no_space()


@contextmanager
def no_space() -> Iterator[None]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(NO_SPACE)
        for table in tables:
            cursor.execute(
                f"CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION no_space()"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_space() CASCADE")


@contextmanager
def full_file() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filling (what BLOB)")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        # What is left in the pages that there are.
        for size in (4000, 400, 40):
            try:
                while True:
                    cursor.execute("INSERT INTO filling VALUES (zeroblob(%s))", [size])
            except OperationalError:
                continue
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {NO_LIMIT}")
            cursor.execute("DROP TABLE filling")


def paper() -> SimpleUploadedFile:
    """More than fits into what a table has left in its last page."""
    data = specimens.pdf(pages=90)
    return SimpleUploadedFile("extract.pdf", data, content_type="application/pdf")


def test_what_was_typed_is_not_lost_silently() -> None:
    now: datetime = timezone.now()
    acme = make_customer("Acme GmbH")
    ada = make_user("ada@acme.example", name="Ada", customer=acme)
    renewal = german_renewal(acme, now=now)
    client = Client(raise_request_exception=False)
    client.force_login(ada)

    with full_disk():
        response = client.post(url(renewal, PAPER), {"version": "0", **EXTRACT, "file": paper()})
        assert response.status_code == 503
        assert heading(response) == "That was not saved"
        assert "what you typed is still there" in words(response)
        assert response["Retry-After"]
        assert not Answer.objects.exists()

    client.post(url(renewal, PAPER), {"version": "0", **EXTRACT, "file": paper()})
    assert Answer.objects.get().renewal == renewal


def test_the_worker_goes_on_by_itself_and_makes_nothing_twice(world: World) -> None:
    world.people()
    world.sync()
    with full_disk():
        for _ in range(3):
            try:
                assert world.look(KEY).state == State.DETECTED
            except OperationalError:
                world.later(minutes=10)
    world.later(minutes=10)
    renewal = world.work(KEY)
    assert (renewal.state, renewal.trouble) == (State.READY, "")
    assert world.at_twilio(seed.BUNDLES[KEY])["copies"] == [renewal.copy_sid]
