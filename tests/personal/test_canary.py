"""The canary run: marked values in everything that somebody can give, through whole lives of
renewals with troubles on the way; and where they may not be, none of them is.

What belongs to a renewal (answers, files, notes, reasons) stands in the database sealed, and not at
all once it has ended. The directory (who acts for which company) stands there as it is, for mails
have to be sent; it is in nothing else either.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from smtplib import SMTP
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from redis import Redis

from compliance.sandbox import Sandbox
from compliance.sandbox.seed_data import SEED_BUNDLES
from tests.patience import until
from tests.personal.canary import Canaries
from tests.personal.happenings import (
    REFUSED,
    answered,
    cancel,
    crashes,
    rules_ask_for_more,
    signed_in,
    staff_at_work,
    the_directory,
    troubles_at_twilio,
)
from tests.personal.listening import FolderEyes, PageEars, RedisEars, mail_server
from tests.personal.places import TOKEN, elsewhere, what_is_left_in_rows, what_the_database_has
from tests.personal.scene import Scene, key_of, run_sql, state_of
from tests.serving import Portal
from tests.story.test_story import in_review
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.story]

COMPLETED, CANCELLED = "lumiere-fr-local", "acme-de-papers"


@pytest.fixture
def scene(
    running_portal: Callable[..., Portal], sandbox: Sandbox, page: Page, tmp_path: Path
) -> Iterator[Scene]:
    temporary = FolderEyes(tmp_path / "temporary")
    with ExitStack() as stack:
        mails = tmp_path / "mails"
        url = stack.enter_context(mail_server(mails, refused=REFUSED))
        portal = running_portal(
            EMAIL_URL=url,
            OPERATIONS_TOKEN=TOKEN,
            TMPDIR=str(temporary.folder),
            SUPPORT_EMAIL="support@portal.example",
            SMS_FROM=SEED_BUNDLES["acme-de-local"].numbers[0],
        )
        (portal.folder / "mail").symlink_to(mails)
        ears = RedisEars(portal.env["REDIS_URL"]) if portal.broker == "redis" else None
        portal.manage("seed_demo")
        world = World(sandbox)
        world.clear_faults()
        yield Scene(portal, world, Canaries(), page, PageEars(page), temporary, ears, [])
        if ears is not None:
            ears.stop()
    temporary.stop()


def test_no_mark_is_found_where_it_may_not_be(scene: Scene) -> None:
    the_directory(scene)
    rules_ask_for_more(scene)
    troubles_at_twilio(scene)
    first = answered(scene, COMPLETED)
    staff_at_work(scene, first)
    second = answered(scene, CANCELLED)
    crashes(scene, second)

    during = what_the_database_has(scene)
    assert scene.of_renewals.found_in(during) == set()
    assert any(" 73" in place for place in scene.of_renewals.given)
    assert asked(scene, COMPLETED) >= {"birth_date", "expiration_date", "phone_number"}
    assert asked(scene, CANCELLED) >= {"birth_date", "issue_date", "phone_number"}
    assert elsewhere(scene) == {}

    signed_in(scene, first)
    first.send()
    copy_sid = in_review(scene.world, COMPLETED)
    assert arrived(scene, copy_sid) >= {"birth_date", "expiration_date", "phone_number"}
    scene.world.control(f"bundles/{copy_sid}/approve")
    cancel(scene, second)
    for customer, state in ((first, "completed"), (second, "cancelled")):
        until(lambda c=customer, s=state: state_of(scene, c) == s)
        assert key_of(scene, customer) == "None"

    assert scene.of_renewals.found_in(what_the_database_has(scene)) == set()
    assert what_is_left_in_rows(scene) == set()
    assert elsewhere(scene) == {}
    assert "The record is whole" in scene.portal.manage("verify_events")
    assert planted(scene) == {}


def asked(scene: Scene, key: str) -> set[str]:
    """The names of the fields into which a mark was typed and saved."""
    mine = [place for place in scene.canaries.given if place.startswith(f"answer:{key}:f-")]
    return {place.split()[0].rpartition(":f-")[2] for place in mine}


def arrived(scene: Scene, copy_sid: str) -> set[str]:
    """What Twilio holds a mark of."""
    copy = scene.world.at_twilio(copy_sid)
    items = [item["attributes"].items() for item in (*copy["end_users"], *copy["documents"])]
    return {name for name, value in chain(*items) if scene.canaries.found_in(str(value).encode())}


def planted(scene: Scene) -> dict[str, set[str]]:
    """The places in which marks that are put there would not all be found, with those found."""
    words = scene.canaries
    day, phone = words.day("planted"), words.phone("planted").replace(" ", "")
    mark = f"{words.word('planted')}.{day}.{phone}"
    whole = words.found_in(mark.encode())
    # A day may have been given before.
    assert sum(place.startswith("planted ") for place in whole) == 3
    (scene.portal.folder / "planted.log").write_text(f"a line with {mark}")
    (scene.portal.folder / mark).touch()
    (scene.temporary.folder / "upload").write_text(mark)
    scene.page.goto(f"{scene.portal.base_url}/healthz?{mark}")
    scene.errors.append(mark)
    with SMTP("127.0.0.1", urlsplit(scene.portal.env["EMAIL_URL"]).port or 0) as mail:
        mail.sendmail("a@portal.example", "b@portal.example", f"Subject: {mark}\n\nHello\n")
    places = {"log", "folder", "temporary file", "address", "error page", "mail"}
    if scene.redis is not None:
        Redis.from_url(scene.portal.env["REDIS_URL"]).set("planted", mark)
        places |= {"broker or cache", "message"}
    until(lambda: places <= set(elsewhere(scene)))
    found = elsewhere(scene)
    run_sql(scene, [f"UPDATE compliance_pulse SET name = '{mark}' WHERE name = 'sweep'"])  # noqa: S608
    found["database"] = scene.of_renewals.found_in(what_the_database_has(scene))
    return {
        place: found.get(place, set())
        for place in {*places, "database"}
        if found.get(place) != whole
    }
