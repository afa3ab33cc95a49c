"""A customer's browser without scripts: fetches a task's page, fills in its form, posts it."""

from functools import cache
from typing import Any
from urllib.parse import urljoin

import requests
from django.conf import settings
from lxml import html

from tests.pages.scene import session_of
from tests.world import PLACES

ANSWERS = {"customer_name": "Mia Wilson", "iso_country": "DE", "day": "12", "month": "4"}
SECONDS = 20

Files = dict[str, tuple[str, bytes, str]]


@cache
def browser(user: Any) -> requests.Session:
    session = requests.Session()
    session.cookies.set(settings.SESSION_COOKIE_NAME, session_of(user))
    return session


def answer_task(renewal: Any, task: str, document: bytes, *, with_script: bool) -> str:
    """ "saved", or what came instead.

    :param with_script: the file goes ahead, as the page's script has it; else it comes with the
        form.
    """
    user = renewal.bundle.customer.people.get()
    address = f"{settings.PUBLIC_URL}/r/{renewal.reference}/{task}/"
    try:
        page = browser(user).get(address, timeout=SECONDS, allow_redirects=False)
        if page.status_code != 200:
            return f"GET {page.status_code}"
        form = html.fromstring(page.content).find(".//form[@novalidate]")
        if form is None:
            return "no form"
        fields, enclosed = filled(form, renewal), files(form, document)
        if with_script and enclosed:
            ahead = post(
                user, address, form.find(".//*[@data-upload]").get("data-upload"), fields, enclosed
            )
            if ahead.status_code != 200:
                return f"file {ahead.status_code}"
            fields.append(("page", html.fromstring(ahead.content).get("data-page")))
            enclosed = {}
        answer = post(user, address, address, fields, enclosed)
    except requests.RequestException as error:
        return type(error).__name__
    return "saved" if answer.status_code == 302 else f"POST {answer.status_code}"


def post(user: Any, page: str, to: str, fields: list[tuple[str, str]], enclosed: Files) -> Any:
    return browser(user).post(
        urljoin(page, to),
        data=fields,
        files=enclosed,
        headers={"Referer": page},
        timeout=SECONDS,
        allow_redirects=False,
    )


def filled(form: Any, renewal: Any) -> list[tuple[str, str]]:
    """What the form holds, and something plausible where it holds nothing yet."""
    country = renewal.bundle.regulation.iso_country
    known = {**ANSWERS, **PLACES.get(country, {}), "iso_country": country}
    values: dict[str, str] = {}
    for control in form.iter("input", "select", "textarea"):
        name, kind = control.get("name"), control.get("type", "text")
        if not name or kind in ("file", "submit"):
            continue
        if kind in ("radio", "checkbox"):
            if control.get("checked") is not None or (kind == "radio" and name not in values):
                values[name] = control.get("value", "on")
            continue
        last = name.rpartition("-")[2]
        default = "" if last == "street_secondary" else known.get(last, "Sample answer")
        values[name] = (control.value or "").strip() or {"d": "12", "m": "4", "y": "1984"}.get(
            last, default
        )
    # "Yes, I am sure", to doubts that the page may have about a document.
    return [*values.items(), ("sure", "on")]


def files(form: Any, document: bytes) -> Files:
    """None, if one is there already: uploaded before somebody was killed."""
    if form.find(".//input[@name='page']") is not None:
        return {}
    return {
        control.get("name"): ("scan.pdf", document, "application/pdf")
        for control in form.iter("input")
        if control.get("type") == "file" and control.get("name")
    }
