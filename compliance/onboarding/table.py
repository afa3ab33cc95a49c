"""Many companies in one CSV file: read, checked, and shown before anything is done.

One row a contact, in the columns below; rows with the same company make one. The file is believed
in nothing: its size, its encoding, its columns and each value are looked at first.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from unicodedata import normalize

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.onboarding import Company, Contact, Plan, plan

LARGEST_FILE = 256 * 1024
MOST_ROWS = 1000
LONGEST_VALUE = 2000

# Its name, whether it is needed, and what it holds.
COLUMNS = (
    ("company", True, _("the company's name; rows with the same one belong together")),
    ("email", True, _("of a contact")),
    ("name", False, _("of the contact")),
    ("role", False, _("editor or viewer; empty: editor")),
    ("language", False, _("such as en or de; empty: en")),
    ("time_zone", False, _("such as Europe/Berlin; empty: UTC")),
    ("subaccount", False, _("the SID of a subaccount that is the company's alone")),
    ("bundles", False, _("SIDs of unassigned bundles, with spaces between")),
    ("invite", False, _("yes or no; empty: yes")),
)
NAMES = tuple(name for name, _needed, _about in COLUMNS)
YES, NO = ("yes", "y", "true", "1", ""), ("no", "n", "false", "0")


class Unreadable(Exception):
    """The file as a whole; the text says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The rows of one company, as the file has them. ``rows`` are their numbers in it."""

    rows: tuple[int, ...]
    company: Company
    problems: tuple[str, ...] = ()


def planned(groups: Sequence[Group]) -> list[tuple[Group, Plan]]:
    """What will happen to each; what two of them claim goes to neither."""
    times = Counter(sid for group in groups for sid in _claimed(group))
    return [
        (group, _planned(group, sorted(sid for sid in _claimed(group) if times[sid] > 1)))
        for group in groups
    ]


def _claimed(group: Group) -> set[str]:
    return {*group.company.bundles, group.company.account} - {""}


def _planned(group: Group, doubled: Iterable[str]) -> Plan:
    made = plan(group.company)
    claims = (
        gettext("%(sid)s stands with another company of this file, too.") % {"sid": sid}
        for sid in doubled
    )
    problems = (*group.problems, *made.problems, *claims)
    steps = () if problems else made.steps
    return Plan(company=group.company, steps=steps, problems=problems)


def read(data: bytes) -> list[Group]:
    """:raises Unreadable:"""
    if len(data) > LARGEST_FILE:
        raise Unreadable(
            gettext("The file is larger than %(size)s KB. Split it.")
            % {"size": LARGEST_FILE // 1024}
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            gettext("The file is not in UTF-8. Save it as “CSV UTF-8” and try again.")
        ) from error
    if "\0" in text:
        raise Unreadable(gettext("This is not a text file."))
    rows = _rows(text)
    together: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        together.setdefault(row["company"].casefold(), []).append((number, row))
    return [_group(some) for some in together.values()]


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), _dialect(text), strict=True))
    except csv.Error as error:
        raise Unreadable(gettext("This is not a CSV file.")) from error
    if not lines:
        raise Unreadable(gettext("The file is empty."))
    head = [name.strip().lower() for name in lines[0]]
    _check_head(head)
    found = []
    for number, values in enumerate(lines[1:], start=2):
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(head):
            raise Unreadable(
                gettext("Row %(row)s has %(found)s values where there are %(wanted)s columns.")
                % {"row": number, "found": len(values), "wanted": len(head)}
            )
        if any(len(value) > LONGEST_VALUE for value in values):
            raise Unreadable(gettext("Row %(row)s has a value that is too long.") % {"row": number})
        row = dict.fromkeys(NAMES, "") | {
            name: normalize("NFC", value.strip()) for name, value in zip(head, values, strict=True)
        }
        found.append((number, row))
    if not found:
        raise Unreadable(gettext("The file has no rows below its first line."))
    if len(found) > MOST_ROWS:
        raise Unreadable(
            gettext("The file has more than %(most)s rows. Split it.") % {"most": MOST_ROWS}
        )
    return found


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, or semicolons where a spreadsheet writes those."""
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = ";" if first.count(";") > first.count(",") else ","

    return Found


def _check_head(head: Sequence[str]) -> None:
    missing = [name for name, needed, _about in COLUMNS if needed and name not in head]
    if missing:
        raise Unreadable(
            gettext("The first line has to name the columns; missing: %(names)s.")
            % {"names": ", ".join(missing)}
        )
    unknown = [name for name in head if name not in NAMES]
    if unknown or len(set(head)) < len(head):
        raise Unreadable(
            gettext(
                "The first line names columns that are unknown or doubled. Known are: %(names)s."
            )
            % {"names": ", ".join(NAMES)}
        )


def _group(some: Sequence[tuple[int, dict[str, str]]]) -> Group:
    rows = [row for _number, row in some]
    problems: list[str] = []
    invite = _one("invite", rows, problems).lower()
    if invite not in (*YES, *NO):
        problems.append(gettext("The column invite should say yes or no."))
    company = Company(
        name=rows[0]["company"],
        time_zone=_one("time_zone", rows, problems) or "UTC",
        account=_one("subaccount", rows, problems),
        bundles=tuple(dict.fromkeys(sid for row in rows for sid in row["bundles"].split())),
        invite=invite in YES,
        may_be_here=True,
        contacts=tuple(
            Contact(
                email=row["email"].lower(),
                name=row["name"],
                role=row["role"].lower() or "editor",
                language=row["language"].lower() or "en",
            )
            for row in rows
        ),
    )
    return Group(
        rows=tuple(number for number, _row in some), company=company, problems=tuple(problems)
    )


def _one(column: str, rows: Iterable[dict[str, str]], problems: list[str]) -> str:
    """What belongs to the company and not to a contact may stand in one row, or in all the same."""
    values = {row[column] for row in rows} - {""}
    if len(values) > 1:
        problems.append(
            gettext("The column %(column)s differs between the rows of this company.")
            % {"column": column}
        )
    return min(values, default="")


def packed(plans: Iterable[Plan]) -> list[dict[str, Any]]:
    """For the page that asks whether all this should happen."""
    return [asdict(each) for each in plans]


def unpacked(held: Iterable[dict[str, Any]]) -> list[Plan]:
    return [
        Plan(
            steps=tuple(each["steps"]),
            problems=tuple(each["problems"]),
            company=Company(
                **{
                    **each["company"],
                    "bundles": tuple(each["company"]["bundles"]),
                    "contacts": tuple(Contact(**c) for c in each["company"]["contacts"]),
                }
            ),
        )
        for each in held
    ]


def harmless(value: object) -> str:
    """For a cell of a file that we write: a spreadsheet must not take it for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
