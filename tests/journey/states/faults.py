"""The pages for what went wrong."""

from typing import TYPE_CHECKING

import requests

from compliance.models import Renewal
from tests.factories import ALL_FINE, german_renewal, make_customer
from tests.journey.states.state import VIEWER, Stage, state
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOME = "Go to your registrations"
LOST = "We cannot find that registration"
# Sends a form of our making from where the page is.
SEND = """([path, fields, token]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: path, hidden: true });
  for (let number = 0; number < fields; number++) {
    const field = document.createElement("input");
    form.append(Object.assign(field, { name: `f-${number}`, value: "x" }));
  }
  if (token) {
    form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
  }
  document.body.append(form);
  form.submit();
}"""


def send(page: "Page", path: str, *, fields: int = 1, token: bool = True) -> None:
    with page.expect_navigation():
        page.evaluate(SEND, [path, fields, token])


@state("404", heading=LOST, sees="You may not have access to it", button=HOME, status=404)
def _404(stage: Stage) -> str:
    return "/r/CMP-NNNNNN/"


@state("404-of-others", heading=LOST, sees="You may not have access to it", button=HOME, status=404)
def _404_of_others(stage: Stage) -> Renewal:
    return german_renewal(make_customer("Other Ltd"), now=stage.now)


def _try_to_send(page: "Page") -> None:
    send(page, page.url)


@state(
    "403", heading="Only an editor can save and send updates", sees="Ask one of:",
    button="Back to the registration", status=403, role=VIEWER, page="send/", act=_try_to_send,
)  # fmt: skip
def _403(stage: Stage) -> Renewal:
    stage.colleague()
    return german_renewal(stage.customer, now=stage.now, state="ready", results=ALL_FINE)


@state(
    "403-admin", heading="You cannot open this page", sees="Your account does not have access",
    button=HOME, status=403,
)  # fmt: skip
def _403_admin(stage: Stage) -> str:
    return "/admin/login/"


def _forged(page: "Page") -> None:
    send(page, "/session/", token=False)


@state(
    "403-csrf", heading="This page was open for too long", sees="what you typed is still there",
    button=HOME, status=403, act=_forged,
)  # fmt: skip
def _403_csrf(stage: Stage) -> str:
    return "/"


def _far_too_many_fields(page: "Page") -> None:
    send(page, page.url, fields=1001)


@state(
    "400", heading="We could not read what your browser sent", sees="Nothing was changed.",
    button=HOME, status=400, page="details/", act=_far_too_many_fields,
)  # fmt: skip
def _400(stage: Stage) -> Renewal:
    return german_renewal(stage.customer, now=stage.now)


def _far_too_large(page: "Page") -> None:
    """The server answers by the announced length alone; a browser would send it all first."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    language = page.evaluate("navigator.language")
    answer = requests.Session().send(_announced(page.url, cookies, language), timeout=PATIENCE)
    page.route(
        page.url,
        lambda route: route.fulfill(
            status=answer.status_code,
            body=answer.text,
            headers={k: v for k, v in answer.headers.items() if "content-" in k.lower()},
        ),
    )
    page.reload()


def _announced(url: str, cookies: dict[str, str], language: str) -> requests.PreparedRequest:
    request = requests.Request(
        "POST", url, cookies=cookies, headers={"Accept-Language": language}
    ).prepare()
    request.headers["Content-Length"] = str(70 * 1024**2)
    return request


@state(
    "413", heading="That file is too large", sees="choose a smaller one", button=HOME, status=413,
    page="details/", act=_far_too_large,
)  # fmt: skip
def _413(stage: Stage) -> Renewal:
    return german_renewal(stage.customer, now=stage.now)


@state(
    "500", heading="Sorry, there is a problem with the service", sees="Whatever you had saved",
    button=HOME, status=500,
)  # fmt: skip
def _500(stage: Stage) -> str:
    stage.customer.time_zone = "Nowhere/Land"
    stage.customer.save()
    german_renewal(stage.customer, now=stage.now)
    return "/"
