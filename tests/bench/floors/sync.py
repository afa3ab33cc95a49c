"""The list of bundles into the table, with nothing in between: pages by urllib3, as they come, and
the difference written by Django's bulk statements."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import urllib3
from django.utils import timezone

from compliance.models import Bundle, Regulation
from tests.bench.stub import BUNDLES, HOST, PAGE

COLUMNS = (
    *("sid", "regulation_id", "friendly_name", "status", "valid_until"),
    *("email", "date_created", "date_updated"),
)
BATCH = 1000


def fill(base_url: str, account_pk: int) -> None:
    """Into an empty table."""
    regulations: dict[str, int] = {}
    for rows in _rows(base_url, regulations):
        Bundle.objects.bulk_create(_made(rows, account_pk), batch_size=BATCH)


def update(base_url: str, account_pk: int) -> None:
    """What is there is read page by page, and what is not the same is written."""
    regulations = dict(Regulation.objects.values_list("sid", "pk"))
    for rows in _rows(base_url, regulations):
        present = Bundle.objects.filter(sid__in=[row[0] for row in rows]).values_list(*COLUMNS)
        changed = set(rows) - set(present)
        if changed:
            Bundle.objects.bulk_create(
                _made(changed, account_pk),
                batch_size=BATCH,
                update_conflicts=True,
                unique_fields=["sid"],
                update_fields=[*COLUMNS[1:], "read_at"],
            )


def content() -> list[tuple[Any, ...]]:
    """What either of the two has left in the table."""
    return list(
        Bundle.objects.order_by("sid").values_list(
            *COLUMNS[:1], "regulation__sid", *COLUMNS[2:], "account_id"
        )
    )


def _rows(base_url: str, regulations: dict[str, int]) -> Iterator[list[tuple[Any, ...]]]:
    pool = urllib3.PoolManager()
    url: str | None = f"{HOST}{BUNDLES}?HasValidUntilDate=true&PageSize={PAGE}"
    while url:
        answer = pool.request("GET", url.replace("https:/", base_url, 1))
        page = json.loads(answer.data)
        for sid in {row["regulation_sid"] for row in page["results"]} - regulations.keys():
            regulations[sid] = Regulation.objects.get_or_create(sid=sid)[0].pk
        yield [
            (
                row["sid"],
                regulations[row["regulation_sid"]],
                row["friendly_name"],
                row["status"],
                datetime.fromisoformat(row["valid_until"]),
                row["email"],
                datetime.fromisoformat(row["date_created"]),
                datetime.fromisoformat(row["date_updated"]),
            )
            for row in page["results"]
        ]
        url = page["meta"]["next_page_url"]


def _made(rows: Any, account_pk: int) -> list[Bundle]:
    now = timezone.now()
    return [
        Bundle(account_id=account_pk, read_at=now, **dict(zip(COLUMNS, row, strict=True)))
        for row in rows
    ]
