"""A customer at a browser: reads the mail, follows the link, fills in what is asked, sends it."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from compliance.sandbox import seed
from tests.patience import until
from tests.portal import specimens
from tests.serving import Portal

LINK = re.compile(r"http://localhost:\d+/\S*sign-in/\S+")

# By field name, as somebody would answer; what is not named gets a sentence.
ANSWERS = {
    "first_name": "Zoe",
    "last_name": "Martin",
    "business_name": "Atelier Lumiere SARL",
    "business_registration_number": "812345678",
    "document_number": "812345678",
    "customer_name": "Zoe Martin",
    "street_secondary": "",
}
PLACES = {
    "lumiere-fr-local": {
        "street": "4 quai du Modele", "city": "Lyon", "region": "Rhone",
        "postal_code": "69002", "iso_country": "FR",
    },
    "mia-au-local": {
        "street": "15 Specimen Street", "city": "Sydney", "region": "NSW",
        "postal_code": "2000", "iso_country": "AU", "customer_name": "Mia Wilson",
    },
    "acme-de-papers": {
        "first_name": "Ada", "last_name": "Stern", "business_name": "Acme GmbH",
        "business_registration_number": "HRB 123456",
    },
}  # fmt: skip
PEOPLE = {
    "lumiere-fr-local": "zoe@lumiere.example",
    "mia-au-local": "mia@wilson.example",
    "acme-de-papers": "ada@acme.example",
    "acme-de-local": "ada@acme.example",
    "acme-de-passes": "ada@acme.example",
}
FINISHED = ("Saved, checking", "Completed", "Already fine")


class Customer:
    """Reads ``language``; whose browser runs no scripts looks again instead of waiting."""

    def __init__(
        self, page: Page, portal: Portal, key: str, *, language: str = "en", scripts: bool = True
    ) -> None:
        self.page = page
        self.portal = portal
        self.key = key
        self.language = language
        self.scripts = scripts
        self.reference = portal.manage(
            "shell",
            "--no-imports",
            "-c",
            "from compliance.models import Renewal, User;"
            f"User.objects.filter(email='{PEOPLE[key]}').update(language='{language}');"
            f"print(Renewal.objects.get(bundle__sid='{seed.BUNDLES[key]}').reference)",
        ).strip()

    def words(self, english: str) -> str:
        with translation.override(self.language):
            return translation.gettext(english)

    @property
    def url(self) -> str:
        return f"{self.portal.base_url}/r/{self.reference}/"

    # --- Signing in ---------------------------------------------------------------------------

    def sign_in(self) -> None:
        email = PEOPLE[self.key]
        before = set(self.portal.mails())
        self.page.goto(f"{self.portal.base_url}/")
        self.page.get_by_label(self.words("E-mail address")).fill(email)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.words("Send me a link and a code")).click()
        self.page.goto(self._link(to=email, before=before))
        self.page.get_by_role("button", name=self.words("Continue to your registrations")).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            self.words("Your registrations")
        )

    def _link(self, *, to: str, before: set[str]) -> str:
        """From the mail to sign in with; others, about the registration, may come between."""

        def found() -> str:
            for mail in set(self.portal.mails()) - before:
                link = LINK.search(mail.replace("=\n", "").replace("=3D", "="))
                if link is not None and f"To: {to}" in mail:
                    return link.group()
            return ""

        return until(found, told=lambda: "no mail came")

    def open(self) -> None:
        """From the list to the registration, as a person goes."""
        self.page.goto(f"{self.portal.base_url}/")
        self.follow(self.page.locator(f'a[href="/r/{self.reference}/"]').first)

    def follow(self, link: Locator) -> None:
        """Onto the page behind it, or wherever that leads on to, all of which is there then."""
        with self.page.expect_navigation():
            link.click()

    # --- Answering ----------------------------------------------------------------------------

    def answer_everything(self, *, document: bytes | None = None) -> None:
        """Each task as it is proposed, one after the other, until it can be sent."""
        for _ in range(12):
            self.page.goto(self.url)
            if self._moving():
                self._settled()
            ready = self.page.get_by_role("link", name=self.words("Check and send"))
            if ready.count():
                return
            todo = self.todo()
            assert todo is not None, self.page.locator("main").inner_text()
            self.follow(todo)
            if self.page.url == self.url:
                # The list has changed in the moment before: what was open is fine now.
                continue
            self.fill(document=document)
            self.save()
        raise AssertionError("there is no end of tasks")

    def todo(self) -> Locator | None:
        for row in self.page.locator("ul.tasks > li").all():
            link = row.locator(".name a")
            told = row.inner_text()
            finished = any(self.words(state) in told for state in FINISHED)
            if link.count() and not finished:
                return link
        return None

    def fill(self, *, document: bytes | None = None) -> None:
        """Everything that is open on a task's page."""
        expect(self._save_button).to_be_visible()
        known = {**ANSWERS, **PLACES.get(self.key, {})}
        form = self.page.locator("form.form")
        for field in form.locator("input[type=text], input[type=email], textarea").all():
            name = (field.get_attribute("name") or "").rpartition("address_sids-")[2]
            if field.is_visible() and not field.input_value():
                field.fill(known.get(name, "Sample answer"))
        for select in form.locator("select").all():
            if select.is_visible() and not select.input_value():
                select.select_option(known.get("iso_country", "DE"))
        for group in form.locator("fieldset").all():
            radios = group.locator("input[type=radio]")
            if radios.count() and not group.locator("input[type=radio]:checked").count():
                radios.first.check()
        upload = form.locator("input[type=file]")
        if upload.count():
            self.choose(upload, document or specimens.pdf())

    def choose(self, upload: Locator, data: bytes, name: str = "scan.pdf") -> None:
        folder = Path(tempfile.mkdtemp())
        (folder / name).write_bytes(data)
        upload.set_input_files(folder / name)

    def save(self) -> None:
        # Saving waits until the file that was chosen has been checked.
        self._save_button.click()
        self.page.wait_for_url(self.url)

    @property
    def _save_button(self) -> Locator:
        return self.page.get_by_role("button", name=self.words("Save and continue"))

    # --- Sending ------------------------------------------------------------------------------

    def send(self) -> None:
        self.page.goto(self.url)
        self.follow(self.page.get_by_role("link", name=self.words("Check and send")))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            self.words("Check your answers")
        )
        self.follow(self.page.get_by_role("button", name=self.words("Send for checking")))
        expect(self.page.locator("main")).to_contain_text(self.reference)

    def sees(self, words: str) -> None:
        """The page comes to say this: by itself, if scripts run."""
        if self.page.url != self.url:
            self.page.goto(self.url)
        main = self.page.locator("main")
        self._look_until(lambda: words in main.inner_text())
        expect(main).to_contain_text(words)

    def _moving(self) -> bool:
        return self.page.locator("#status[data-hx-get]").count() > 0

    def _settled(self) -> None:
        self._look_until(lambda: not self._moving())
        expect(self.page.locator("#status[data-hx-get]")).to_have_count(0)

    def _look_until(self, settled: Callable[[], bool]) -> None:
        def looks() -> bool:
            if self.scripts or settled():
                return True
            self.page.reload()
            return False

        until(looks, told=self.page.locator("main").inner_text)
