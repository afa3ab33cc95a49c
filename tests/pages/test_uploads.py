"""Files that are uploaded when they are chosen: whose they are, what becomes of them, and that
nothing of them is left."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, override_settings

from compliance import tasks
from compliance.answers import MOST_FILES, forget_staged
from compliance.answers.saving import bytes_of
from compliance.models import Customer, Renewal, StagedFile, User
from compliance.workflow import ending
from tests.factories import make_user
from tests.pages.reading import page, problems, words
from tests.portal import specimens

DOCUMENT = "commercial_registrar_excerpt"
TASK = "business_name_info"
LETTER = specimens.pdf()
# Day 3 of last month: never to come, and never too old.
ISSUED = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date().replace(day=3)
EXTRACT = {
    "version": "0",
    "f-business_name": "Acme GmbH",
    "f-issue_date-d": "3",
    "f-issue_date-m": str(ISSUED.month),
    "f-issue_date-y": str(ISSUED.year),
}


def url(renewal: Renewal, query: str = f"?document={DOCUMENT}") -> str:
    return f"/r/{renewal.reference}/{TASK}/file/{query}"


def file(name: str = "letter.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, LETTER if data is None else data)


def staged(client: Client, renewal: Renewal, name: str = "letter.pdf") -> str:
    response = client.post(url(renewal), {"file": file(name)})
    assert response.status_code == 200, response.content
    return str(page(response).xpath("//li/@data-page")[0])


def save(client: Client, renewal: Renewal, *tokens: str, **more: Any) -> Any:
    data = {**EXTRACT, "page": tokens, **more}
    return client.post(f"/r/{renewal.reference}/{TASK}/", data)


def shown(response: HttpResponse) -> list[str]:
    return [str(name) for name in page(response).xpath("//ol//*[@class='name']/text()")]


def test_a_chosen_file_is_kept_sealed_and_is_nobodys_answer(
    client: Client, fixing: Renewal
) -> None:
    staged(client, fixing)

    kept = StagedFile.objects.get()
    assert LETTER not in bytes(kept.sealed)
    assert kept.data() == LETTER
    assert not fixing.answers.exists()


def test_saving_makes_it_the_answer_and_leaves_no_second_copy(
    client: Client, fixing: Renewal
) -> None:
    token = staged(client, fixing)
    staged(client, fixing, "forgotten.pdf")

    save(client, fixing, token)

    answer = fixing.answers.get()
    assert (answer.file_name, bytes_of(answer)) == ("letter.pdf", LETTER)
    assert not StagedFile.objects.exists()


def test_several_become_one_in_the_order_of_the_page(client: Client, fixing: Renewal) -> None:
    first, second = staged(client, fixing, "one.pdf"), staged(client, fixing, "two.pdf")

    save(client, fixing, second, first, **{f"turn-{first}": "90"})

    assert fixing.answers.get().file_name == "two.pdf"


def test_the_same_form_sent_twice_saves_once(client: Client, fixing: Renewal) -> None:
    token = staged(client, fixing)
    save(client, fixing, token)

    response = save(client, fixing, token)

    assert response.status_code == 302
    assert fixing.answers.get().version == 1


def test_a_form_that_names_a_file_that_is_gone_says_so(client: Client, fixing: Renewal) -> None:
    token = staged(client, fixing)
    StagedFile.objects.all().delete()

    response = save(client, fixing, token)

    assert problems(response)["#file"].startswith("A file that was uploaded before is no longer")
    assert not fixing.answers.exists()


def test_a_file_that_came_with_a_form_that_is_not_complete_is_kept(
    client: Client, fixing: Renewal
) -> None:
    response = save(
        client, fixing, file=[file("one.pdf"), file("two.pdf")], **{"f-business_name": ""}
    )

    assert response.status_code == 422
    assert shown(response) == ["one.pdf", "two.pdf"]
    save(client, fixing, *page(response).xpath("//input[@name='page']/@value"))
    assert fixing.answers.get().file_name == "one.pdf"


def test_one_bad_file_leaves_the_others_alone_and_is_named(client: Client, fixing: Renewal) -> None:
    response = save(client, fixing, file=[file("one.pdf"), file("two.pdf", b"text")])

    assert problems(response) == {"#file": "two.pdf: The selected file must be a PDF, JPG or PNG."}
    assert shown(response) == ["one.pdf"]


def test_a_bad_file_is_refused_in_a_sentence(client: Client, fixing: Renewal) -> None:
    response = client.post(url(fixing), {"file": file(data=specimens.encrypted_pdf("x"))})

    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "password protected" in response.content.decode()
    assert not StagedFile.objects.exists()


@override_settings(MAX_UPLOAD_BYTES=1000)
def test_a_file_over_the_limit_is_refused_in_a_sentence(client: Client, fixing: Renewal) -> None:
    response = client.post(url(fixing), {"file": file(data=LETTER + b"\n" * 1000)})

    assert (response.status_code, b"must be smaller" in response.content) == (422, True)


def test_a_document_is_made_of_so_many_files_at_most(client: Client, fixing: Renewal) -> None:
    one = StagedFile.objects.get(token=staged(client, fixing))
    StagedFile.objects.bulk_create(
        StagedFile(
            renewal=fixing,
            task=TASK,
            document=DOCUMENT,
            user=one.user,
            file_size=1,
            staged_at=one.staged_at,
        )
        for _ in range(MOST_FILES - 1)
    )

    response = client.post(url(fixing), {"file": file()})

    assert (response.status_code, b"20 files at most" in response.content) == (422, True)


def test_it_is_of_use_to_its_person_alone(
    client: Client,
    fixing: Renewal,
    acme: Customer,
    bob: Client,
    signed_in: Callable[[User], Client],
) -> None:
    token = staged(client, fixing)
    carl = signed_in(make_user("carl@acme.example", customer=acme))

    assert shown(carl.get(f"/r/{fixing.reference}/{TASK}/")) == []
    assert save(carl, fixing, token).status_code == 422
    carl.post(url(fixing), {"remove": token})
    assert StagedFile.objects.count() == 1
    assert bob.post(url(fixing), {"file": file()}).status_code == 404


def test_who_may_only_look_uploads_nothing(vera: Client, fixing: Renewal) -> None:
    assert vera.post(url(fixing), {"file": file()}).status_code == 403
    assert 'data-upload="' not in vera.get(f"/r/{fixing.reference}/{TASK}/").content.decode()
    assert not StagedFile.objects.exists()


@pytest.mark.parametrize("query", ["", "?document=passport", f"?document={DOCUMENT}x"])
def test_a_file_for_a_document_that_nobody_asks_for_is_not_taken(
    client: Client, fixing: Renewal, query: str
) -> None:
    assert client.post(url(fixing, query), {"file": file()}).status_code == 404


def test_nothing_is_taken_while_it_is_being_checked(client: Client, fixing: Renewal) -> None:
    Renewal.objects.update(state="in_review")

    assert client.post(url(fixing), {"file": file()}).status_code == 409
    assert not StagedFile.objects.exists()


def test_a_removed_file_is_gone(client: Client, fixing: Renewal) -> None:
    token = staged(client, fixing)

    assert client.post(url(fixing), {"remove": token}).status_code == 204

    assert not StagedFile.objects.exists()


@pytest.mark.parametrize("token", ["no-such-token", "a\x00"])
def test_what_is_not_there_is_removed_without_a_word(
    token: str, client: Client, fixing: Renewal
) -> None:
    staged(client, fixing)

    assert client.post(url(fixing), {"remove": token}).status_code == 204

    assert StagedFile.objects.count() == 1


def test_it_waits_for_a_day_and_no_longer(client: Client, fixing: Renewal, now: datetime) -> None:
    staged(client, fixing)
    where = f"/r/{fixing.reference}/{TASK}/"

    forget_staged(now=now + timedelta(hours=23))
    assert shown(client.get(where)) == ["letter.pdf"]
    StagedFile.objects.update(staged_at=now - timedelta(days=1))
    assert shown(client.get(where)) == []
    tasks.clean()

    assert not StagedFile.objects.exists()


def test_it_goes_with_its_renewal(client: Client, fixing: Renewal, now: datetime) -> None:
    staged(client, fixing)

    class Ending:
        renewal = fixing

        def __init__(self) -> None:
            self.now = now

        def move(self, state: str, **changes: Any) -> None:
            fixing.move(state, now=now, **changes)

    ending.end(Ending(), Renewal.State.CANCELLED)  # type: ignore[arg-type]

    assert not StagedFile.objects.exists()


def test_the_page_says_that_several_files_can_be_chosen(client: Client, fixing: Renewal) -> None:
    response = client.get(f"/r/{fixing.reference}/{TASK}/")

    assert "put together into one document" in words(response)
    assert page(response).xpath("//form//input[@type='file'][@multiple]")
    assert page(response).xpath("//*[@role='status'][@data-news]")
    assert "img-src 'self' data: blob:" in response.headers["Content-Security-Policy"]


# --- Early warnings ---------------------------------------------------------------------------


def poor(name: str = "photo.jpg") -> SimpleUploadedFile:
    return file(name, specimens.jpeg(specimens.picture(500, 400)))


def test_a_poor_photo_is_taken_with_a_word_about_it(client: Client, fixing: Renewal) -> None:
    response = client.post(url(fixing), {"file": poor()})

    assert response.status_code == 200
    assert "This picture is small" in words(response)
    assert "Use it anyway" in words(response)


def test_without_a_script_it_is_said_once_and_then_saved(client: Client, fixing: Renewal) -> None:
    response = save(client, fixing, file=poor())

    assert response.status_code == 422
    assert "Is this the right document?" in words(response)
    assert "This picture is small" in words(response)
    assert not fixing.answers.exists()
    save(client, fixing, *page(response).xpath("//input[@name='page']/@value"))
    assert fixing.answers.get().file_name == "photo.jpg"


def test_an_old_document_can_be_used_anyway(client: Client, fixing: Renewal) -> None:
    response = save(client, fixing, file=file(), **{"f-issue_date-y": "2019"})

    assert response.status_code == 422
    tokens = page(response).xpath("//input[@name='page']/@value")
    assert "older than" in words(response)
    assert page(response).xpath("//button[@name='sure']")
    save(client, fixing, *tokens, sure="1", **{"f-issue_date-y": "2019"})
    assert fixing.answers.get().file_name == "letter.pdf"
