"""Reads a page the way a person does: its words, its links, its form."""

from django.http import HttpResponseBase
from django.test import Client
from lxml import html
from lxml.html import HtmlElement

from compliance.models import Renewal


def page(response: HttpResponseBase) -> HtmlElement:
    return html.fromstring(response.content)  # type: ignore[attr-defined]


def words(response: HttpResponseBase) -> str:
    """The text of the page's main part, spaces made one."""
    tree = page(response)
    main = tree.find(".//main")
    return " ".join((tree if main is None else main).text_content().split())


def shown(client: Client, renewal: Renewal) -> str:
    """The words of a registration's page."""
    return words(client.get(f"/r/{renewal.reference}/"))


def title(response: HttpResponseBase) -> str:
    return page(response).findtext(".//title") or ""


def heading(response: HttpResponseBase) -> str:
    (only,) = page(response).findall(".//h1")
    return " ".join(only.text_content().split())


def links(response: HttpResponseBase) -> dict[str, str]:
    return {" ".join(a.text_content().split()): a.get("href") for a in page(response).iter("a")}


def values(response: HttpResponseBase) -> dict[str, str]:
    """What the page's form would send."""
    form = page(response).find(".//form[@novalidate]")
    assert form is not None
    sent = {area.get("name"): "" for area in form.iter("textarea")}
    # HTML drops the line end that follows a textarea's tag; this parser does not.
    sent |= {name: (value or "").removeprefix("\n") for name, value in form.form_values()}
    sent.pop("csrfmiddlewaretoken")
    return sent


def field(response: HttpResponseBase, name: str) -> HtmlElement:
    (found,) = page(response).xpath(f"//*[@name='{name}']")
    return found


def problems(response: HttpResponseBase) -> dict[str, str]:
    """The error summary: where each sentence leads."""
    found = page(response).xpath("//*[contains(@class, 'error-summary')]//li/a")
    return {a.get("href"): a.text_content().strip() for a in found}
