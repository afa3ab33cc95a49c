"""What the canary run has at hand: a running portal, the marks, and ears on all that it says."""

import json
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.personal.canary import Canaries
from tests.personal.listening import FolderEyes, PageEars, RedisEars
from tests.personal.marked import Marked
from tests.serving import Portal
from tests.world import World

# Places of the directory; all others belong to a renewal.
DIRECTORY = "directory:"
BROKEN_TABLE = "broken table:"


@dataclass
class Scene:
    portal: Portal
    world: World
    canaries: Canaries
    page: Page
    urls: PageEars
    temporary: FolderEyes
    redis: RedisEars | None
    errors: list[str]

    @property
    def of_renewals(self) -> Canaries:
        """Without the words of the broken table, which are the database's own."""
        return self.canaries.without(DIRECTORY, BROKEN_TABLE)

    def shell(self, code: str) -> str:
        return self.portal.manage("shell", "--no-imports", "-c", code).strip()


def run_sql(scene: Scene, statements: list[str]) -> None:
    """Not by a connection that keeps the statement in a log of ours."""
    scene.shell(
        "from django.db import connection\n"
        f"for statement in {json.dumps(statements)}:\n"
        "    connection.cursor().execute(statement)"
    )


def sign_in_as(scene: Scene, email: str) -> None:
    scene.page.context.clear_cookies()
    link = scene.shell(
        "from django.utils import timezone; from compliance.models import User;"
        "from portal.signin.links import new_link;"
        f"print(new_link(User.objects.get(email='{email}'), now=timezone.now()))"
    )
    scene.page.goto(link)
    scene.page.locator("main form button").first.click()
    scene.page.wait_for_load_state("load")


def token(page: Page) -> str:
    return str(page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value"))


def of_renewal(scene: Scene, customer: Marked, what: str) -> str:
    return scene.shell(
        "from compliance.models import Renewal;"
        f"print(Renewal.objects.get(reference='{customer.reference}').{what})"
    )


def state_of(scene: Scene, customer: Marked) -> str:
    return of_renewal(scene, customer, "state")


def key_of(scene: Scene, customer: Marked) -> str:
    return of_renewal(scene, customer, "key")


def pk_of(scene: Scene, customer: Marked) -> str:
    return of_renewal(scene, customer, "pk")
