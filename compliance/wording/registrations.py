"""What a registration is called, and the tag that tells where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django_countries import countries

from compliance.models import Bundle
from compliance.stages import Dates, Stage
from compliance.wording.kept import kept

NUMBERS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Tag:
    """``look`` is one of needs, bad, info, quiet, plain; the text says the same."""

    text: str
    look: str


LOOKS = {
    Stage.DUE: "needs",
    Stage.FIXING: "needs",
    Stage.READY: "needs",
    Stage.CHANGES: "bad",
    Stage.EXPIRED: "bad",
    Stage.REVIEWING: "info",
    Stage.FINISHING: "info",
    Stage.DONE: "plain",
}


def tag(
    stage: Stage, dates: Dates | None, *, done: int = 0, total: int = 0, stopped: bool = False
) -> Tag:
    """The tag of a stage. Past its date, what the customer has to do is "Expired" first of all."""
    expired, late = (dates.expired, dates.late) if dates else (False, False)
    return _tag(stage, expired=expired, late=late, done=done, total=total, stopped=stopped)


@kept
def _tag(stage: Stage, *, expired: bool, late: bool, done: int, total: int, stopped: bool) -> Tag:
    if stopped:
        return Tag(text=pgettext("stage", "Stopped"), look="quiet")
    with_customer = stage in (Stage.DUE, Stage.FIXING, Stage.READY)
    if with_customer and expired:
        return Tag(text=str(Stage.EXPIRED.label), look="bad")
    look = LOOKS.get(stage, "quiet")
    if with_customer and late:
        look = "bad"
    text = str(stage.label)
    if done and stage == Stage.FIXING:
        text = pgettext("stage", "Action needed - %(done)s of %(total)s done") % {
            "done": done,
            "total": total,
        }
    return Tag(text=text, look=look)


# In English these take an article inside a sentence.
WITH_ARTICLE = {"AE", "BS", "CD", "CF", "DO", "GB", "GM", "KM", "MV", "NL", "PH", "SC", "SB", "US"}

# And in German, which declines some of them: as they stand after "für".
GERMAN_WITH_ARTICLE = {
    "AE": "die Vereinigten Arabischen Emirate",
    "BS": "die Bahamas",
    "CD": "die Demokratische Republik Kongo",
    "CF": "die Zentralafrikanische Republik",
    "CG": "die Republik Kongo",
    "CH": "die Schweiz",
    "CI": "die Elfenbeinküste",
    "CK": "die Cookinseln",
    "DO": "die Dominikanische Republik",
    "FK": "die Falklandinseln",
    "FO": "die Färöer",
    "GB": "das Vereinigte Königreich",
    "IM": "die Isle of Man",
    "KM": "die Komoren",
    "KY": "die Kaimaninseln",
    "LB": "den Libanon",
    "MH": "die Marshallinseln",
    "MN": "die Mongolei",
    "MV": "die Malediven",
    "NL": "die Niederlande",
    "PH": "die Philippinen",
    "SB": "die Salomonen",
    "SC": "die Seychellen",
    "SD": "den Sudan",
    "SK": "die Slowakei",
    "TC": "die Turks- und Caicosinseln",
    "TD": "den Tschad",
    "TR": "die Türkei",
    "UA": "die Ukraine",
    "US": "die Vereinigten Staaten",
    "VA": "die Vatikanstadt",
    "VG": "die Britischen Jungferninseln",
    "VI": "die Amerikanischen Jungferninseln",
}


def country(bundle: Bundle) -> str:
    """``Germany``, ``the United Kingdom``, for a sentence; empty where the rule is not known."""
    code = bundle.regulation.iso_country if bundle.regulation else ""
    name = country_name(code)
    match (get_language() or "en")[:2]:
        case "en" if code in WITH_ARTICLE:
            return f"the {name}"
        case "de":
            return GERMAN_WITH_ARTICLE.get(code, name)
    return name


@kept
def country_name(code: str) -> str:
    return str(countries.name(code) or code) if code else ""


def title(bundle: Bundle) -> str:
    """``Germany - local numbers``"""
    rule = bundle.regulation
    code, kind = (rule.iso_country, rule.number_type) if rule else ("", "")
    return title_of(code, kind, otherwise=bundle.friendly_name)


def title_of(code: str, kind: str, *, otherwise: str) -> str:
    """:param otherwise: where the country is not known."""
    return _title(code, kind) if code else otherwise or gettext("Phone registration")


@kept
def _title(code: str, kind: str) -> str:
    place = country_name(code)
    return gettext("%(place)s - %(kind)s") % {"place": place, "kind": kind_of_number(kind)}


def kind_of_number(kind: str) -> str:
    match kind:
        case "local":
            return gettext("local numbers")
        case "mobile":
            return gettext("mobile numbers")
        case "national":
            return gettext("national numbers")
        case "toll-free":
            return gettext("toll-free numbers")
        case "":
            return gettext("phone numbers")
        case _:
            return gettext("%(kind)s numbers") % {"kind": kind.replace("-", " ")}


def why_update(place: str) -> str:
    """Why a registration has to be updated, in one sentence. ``place`` as ``country`` gives it."""
    if place:
        return gettext(
            "The rules for phone numbers in %(country)s have changed, and your registration has to "
            "meet them."
        ) % {"country": place}
    return gettext(
        "The rules for your phone numbers have changed, and your registration has to meet them."
    )


def phone_numbers(numbers: Sequence[str]) -> str:
    """``+49 30 901820, +49 30 901821, +49 30 901822 and 4 more``"""
    if not numbers:
        return ""
    shown = ", ".join(phone_number(number) for number in numbers[:NUMBERS_SHOWN])
    more = len(numbers) - NUMBERS_SHOWN
    if more > 0:
        shown += " " + ngettext("and %(more)s more", "and %(more)s more", more) % {"more": more}
    return shown


@lru_cache(maxsize=8192)
def phone_number(e164: str) -> str:
    """``+49 30 901820``; what is not a number is shown as it is."""
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, form))
