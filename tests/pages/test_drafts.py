"""What is typed is kept until it is saved, and who else is at a page is seen."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from compliance import answers
from compliance.models import Customer, Draft, Renewal, User
from compliance.workflow import ending
from tests.factories import make_answer, make_user
from tests.pages.reading import field, page, values, words

TYPED = {"version": "0", "f-email": "half@", "f-business_registration_number": "HRB 9"}
SCRIPT = {"headers": {"accept": "application/json"}}


@pytest.fixture
def bea(acme: Customer) -> User:
    return make_user("bea@acme.example", name="Bea Mond", customer=acme)


def url(renewal: Renewal, task: str = "details") -> str:
    return f"/r/{renewal.reference}/{task}/"


def ping(client: Client, renewal: Renewal, task: str = "details", **more: str) -> dict[str, str]:
    response = client.post(f"{url(renewal, task)}draft/", {"version": "0"} | more, **SCRIPT)
    assert response.status_code == 200
    said: dict[str, str] = response.json()
    return said


# --- Drafts -----------------------------------------------------------------------------------


def test_what_was_typed_is_there_when_the_page_is_opened_again(
    client: Client, fixing: Renewal
) -> None:
    assert ping(client, fixing, **TYPED)["saved"].startswith("Saved ")

    response = client.get(url(fixing))

    assert field(response, "f-email").get("value") == "half@"
    assert field(response, "f-business_registration_number").get("value") == "HRB 9"
    assert "Your draft (" in words(response)
    assert page(response).xpath("//*[@aria-invalid]") == []
    assert not fixing.answers.exists()


def test_a_draft_is_kept_encrypted(client: Client, fixing: Renewal) -> None:
    ping(client, fixing, **TYPED)

    sealed = bytes(Draft.objects.get().sealed)
    assert sealed
    assert b"HRB" not in sealed
    assert fixing.drafts.get().inputs()["f-email"] == "half@"


def test_a_draft_of_what_is_folded_away_opens_it(client: Client, fixing: Renewal) -> None:
    ping(client, fixing, **TYPED | {"f-first_name": "Adele"})

    response = client.get(url(fixing))

    assert page(response).xpath("//details[@open]//input[@name='f-first_name']/@value") == ["Adele"]


def test_parts_of_a_date_and_the_chosen_document_come_back(client: Client, fixing: Renewal) -> None:
    where = f"{url(fixing, 'business_name_info')}draft/?as=commercial_registrar_excerpt"
    client.post(where, {"f-issue_date-d": "31", "f-issue_date-m": "x"}, **SCRIPT)

    response = client.get(url(fixing, "business_name_info"))

    assert field(response, "f-issue_date-d").get("value") == "31"
    assert field(response, "f-issue_date-m").get("value") == "x"
    client.post(where.replace("commercial_registrar_excerpt", "trade_license"), TYPED, **SCRIPT)
    assert "Upload your trade license" in words(client.get(url(fixing, "business_name_info")))


def test_without_a_script_a_button_keeps_the_draft(client: Client, fixing: Renewal) -> None:
    button = page(client.get(url(fixing))).xpath("//button[@formaction]")[0]
    file = SimpleUploadedFile("scan.pdf", b"bytes", content_type="application/pdf")

    response = client.post(button.get("formaction"), TYPED | {"file": file}, follow=True)

    assert "Your draft was saved at " in words(response)
    assert "Files are not part of it." in words(response)
    assert fixing.drafts.get().inputs()["f-email"] == "half@"
    assert button.text_content() == "Save and come back later"


def test_what_could_not_be_saved_is_kept_as_a_draft(client: Client, fixing: Renewal) -> None:
    assert client.post(url(fixing), TYPED).status_code == 422

    assert field(client.get(url(fixing)), "f-email").get("value") == "half@"


def test_saving_the_answer_erases_the_draft(client: Client, fixing: Renewal) -> None:
    ping(client, fixing, **TYPED)

    sent = values(client.get(url(fixing))) | {"f-email": "ada@acme.example"}
    assert client.post(url(fixing), sent).status_code == 302

    assert not Draft.objects.exists()


def test_a_late_ping_of_a_page_that_was_saved_keeps_nothing(
    client: Client, fixing: Renewal, ada: User, now: datetime
) -> None:
    make_answer(fixing, values={"email": "ada@acme.example"}, now=now, by=ada)

    assert ping(client, fixing, **TYPED)["saved"] == ""

    assert answers.at_task(fixing, task="details", by=ada, now=timezone.now())[0] is None


def test_a_draft_over_which_a_colleague_saved_stands_beside_theirs(
    client: Client, fixing: Renewal, bea: User, now: datetime
) -> None:
    ping(client, fixing, **TYPED)
    end_user = fixing.items.get(type="business").sid
    make_answer(fixing, values={"email": "bea@acme.example"}, now=now, by=bea, changes_sid=end_user)

    response = client.get(url(fixing))

    assert "A colleague changed this page at" in words(response)
    assert "Your colleague entered: bea@acme.example" in words(response)
    assert field(response, "f-email").get("value") == "half@"
    assert field(response, "version").get("value") == "1"


def test_a_draft_can_be_discarded(client: Client, fixing: Renewal) -> None:
    ping(client, fixing, **TYPED)
    button = page(client.get(url(fixing))).xpath("//button[@name='discard']")[0]

    client.post(button.getparent().get("action"), {"discard": "1"})

    response = client.get(url(fixing))
    assert field(response, "f-email").get("value") == ""
    assert "Your draft" not in words(response)


def test_a_draft_is_its_persons_alone(
    client: Client, fixing: Renewal, bea: User, signed_in: Callable[[User], Client]
) -> None:
    ping(client, fixing, **TYPED)

    response = signed_in(bea).get(url(fixing))

    assert field(response, "f-email").get("value") == ""


def test_only_editors_of_the_company_keep_drafts(
    bob: Client, vera: Client, fixing: Renewal
) -> None:
    where = f"{url(fixing)}draft/"
    assert bob.post(where, TYPED, **SCRIPT).status_code == 404
    assert vera.post(where, TYPED, **SCRIPT).status_code == 403
    assert not page(vera.get(url(fixing))).xpath("//form[@data-draft]")
    assert not Draft.objects.exists()


def test_a_draft_needs_the_forms_token(ada: User, fixing: Renewal) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)

    assert strict.post(f"{url(fixing)}draft/", TYPED, **SCRIPT).status_code == 403


def test_only_the_inputs_of_a_task_that_exists_are_kept(client: Client, fixing: Renewal) -> None:
    assert client.post(f"{url(fixing, 'no-such-task')}draft/", TYPED, **SCRIPT).status_code == 404

    ping(client, fixing, **TYPED, other="x", **{"f-long": "x" * 9_000})

    assert set(fixing.drafts.get().inputs()) == {"f-email", "f-business_registration_number", "as"}


def test_drafts_go_with_the_renewal(client: Client, fixing: Renewal, now: datetime) -> None:
    ping(client, fixing, **TYPED)

    class Case:
        renewal = fixing

        def __init__(self) -> None:
            self.now = now

        def move(self, state: str, **changes: object) -> None:
            Renewal.objects.filter(pk=fixing.pk).update(state=state, **changes)

    ending.end(Case(), "completed")  # type: ignore[arg-type]

    assert not Draft.objects.exists()
    response = client.post(f"{url(fixing)}draft/", TYPED, **SCRIPT)
    assert response.status_code in (404, 409)


# --- Presence ---------------------------------------------------------------------------------


def test_a_colleague_at_the_same_page_is_seen(
    client: Client, fixing: Renewal, bea: User, signed_in: Callable[[User], Client]
) -> None:
    ping(signed_in(bea), fixing)

    assert ping(client, fixing)["others"].startswith("Bea Mond is working on this page since ")
    live = page(client.get(url(fixing))).get_element_by_id("others-here")
    assert live.get("role") == "status"
    assert "Bea Mond is working on this page since" in (live.text or "")
    assert ping(client, fixing, "business_name_info")["others"] == ""


def test_a_colleague_who_has_left_is_not_seen_any_more(
    client: Client, fixing: Renewal, bea: User, signed_in: Callable[[User], Client]
) -> None:
    colleague = signed_in(bea)
    ping(colleague, fixing)
    ping(colleague, fixing, gone="1")

    assert ping(client, fixing)["others"] == ""


def test_a_page_that_falls_silent_counts_as_closed(
    fixing: Renewal, ada: User, bea: User, now: datetime
) -> None:
    def seen(at: datetime) -> list[datetime | None]:
        _own, here = answers.at_task(fixing, task="details", by=ada, now=at)
        return [draft.opened_at for draft in here]

    answers.announce(fixing, task="details", by=bea, now=now)
    answers.announce(fixing, task="details", by=bea, now=now + timedelta(seconds=40))

    assert seen(now + timedelta(seconds=100)) == [now]
    assert seen(now + timedelta(seconds=101)) == []
    answers.announce(fixing, task="details", by=bea, now=now + timedelta(seconds=200))
    assert seen(now + timedelta(seconds=200)) == [now + timedelta(seconds=200)]
