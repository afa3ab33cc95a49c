"""Lists: filters, order and pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.rest import Client

from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE
from tests.sandbox.client import control, list_refused

AUTH = (seed.ACCOUNT_SID, seed.AUTH_TOKEN)


def keys(bundles: Any) -> set[str]:
    names = {sid: key for key, sid in seed.BUNDLES.items()}
    return {names[bundle.sid] for bundle in bundles}


def raw(sandbox: Sandbox, path: str, **params: Any) -> Any:
    url = f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/{path}"
    return requests.get(url, params=params, auth=AUTH, timeout=PATIENCE).json()


def test_the_sdk_reads_every_page_by_following_the_addresses_it_is_given(
    sandbox: Sandbox, api: Any
) -> None:
    everything = api.bundles.list()

    paged = api.bundles.list(page_size=4)

    assert [b.sid for b in paged] == [b.sid for b in everything]
    assert len({b.sid for b in paged}) == 18
    pages = [entry for entry in sandbox.state.requests if entry["query"].get("PageToken")]
    assert [entry["query"]["Page"] for entry in pages] == [["1"], ["2"], ["3"], ["4"]]


def test_page_addresses_repeat_the_filters_and_can_be_followed_both_ways(sandbox: Sandbox) -> None:
    first = raw(sandbox, "Bundles", Status="twilio-approved", HasValidUntilDate="true", PageSize=5)

    second = requests.get(first["meta"]["next_page_url"], auth=AUTH, timeout=PATIENCE).json()
    third = requests.get(second["meta"]["next_page_url"], auth=AUTH, timeout=PATIENCE).json()
    back = requests.get(third["meta"]["previous_page_url"], auth=AUTH, timeout=PATIENCE).json()

    query = "Status=twilio-approved&HasValidUntilDate=true&PageSize=5&Page=1&PageToken=PA"
    assert query in first["meta"]["next_page_url"]
    assert first["meta"]["previous_page_url"] is None
    assert third["meta"]["next_page_url"] is None
    assert back["results"] == second["results"]
    assert list(first["meta"]) == [
        "page",
        "page_size",
        "first_page_url",
        "previous_page_url",
        "url",
        "next_page_url",
        "key",
    ]


def test_a_bundle_deleted_meanwhile_makes_the_next_page_skip_nothing(
    sandbox: Sandbox, api: Any
) -> None:
    draft = api.bundles(seed.BUNDLES["acme-de-local"]).bundle_copies.create()
    first = raw(sandbox, "Bundles", PageSize=5)
    api.bundles(draft.sid).delete()

    second = requests.get(first["meta"]["next_page_url"], auth=AUTH, timeout=PATIENCE).json()

    seen = [b["sid"] for b in (*first["results"], *second["results"])]
    assert len(set(seen)) == 10
    assert [b.sid for b in api.bundles.list()][:9] == seen[1:]


def test_a_page_larger_than_a_thousand_is_refused(api: Any) -> None:
    with list_refused(20007):
        api.bundles.list(page_size=1001)


@pytest.mark.parametrize("size", ["0", "many"])
def test_a_page_size_that_is_no_size_is_refused(sandbox: Sandbox, size: str) -> None:
    assert raw(sandbox, "Bundles", PageSize=size)["code"] == 20001


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"iso_country": "jp"}, {"acme-jp-local"}),
        (
            {"regulation_sid": seed.REGULATIONS["FR"], "has_valid_until_date": False},
            {"lumiere-fr-current"},
        ),
        (
            {"end_user_type": "individual", "iso_country": "GB"},
            {"acme-gb-local", "kite-gb-local"},
        ),
        ({"friendly_name": "Acme GmbH, Berlin office"}, {"acme-de-local"}),
        (
            {"bundle_sids": f"{seed.BUNDLES['mia-au-local']},{seed.BUNDLES['kite-au-local']}"},
            {"mia-au-local", "kite-au-local"},
        ),
        ({"number_type": "Toll Free"}, set()),
        ({"number_type": "mobile"}, set()),
        ({"status": "draft"}, set()),
    ],
)
def test_filters_narrow_the_list(api: Any, filters: dict[str, Any], expected: set[str]) -> None:
    assert keys(api.bundles.list(**filters)) == expected


def test_both_bounds_of_the_date_filter_include_their_own_day(sandbox: Sandbox, api: Any) -> None:
    dates = {k: sandbox.state.bundles[sid].valid_until for k, sid in seed.BUNDLES.items()}
    earliest, latest = dates["acme-de-papers"], dates["acme-fr-local"]

    between = api.bundles.list(valid_until_date_after=earliest, valid_until_date_before=latest)
    exact = api.bundles.list(valid_until_date=latest)

    assert keys(between) == {"acme-de-papers", "mia-au-local", "acme-fr-local", "acme-gb-local"}
    assert keys(exact) == {"acme-fr-local", "acme-gb-local"}


def test_bundles_sort_by_date_in_both_directions_with_the_undated_last(api: Any) -> None:
    rising = api.bundles.list(sort_by="valid-until", sort_direction="ASC")
    falling = api.bundles.list(sort_by="valid-until")

    dated = [b.valid_until for b in rising if b.valid_until]
    assert dated == sorted(dated)
    assert [b.valid_until for b in falling if b.valid_until] == dated[::-1]
    assert all(b.valid_until is None for b in (*rising[len(dated) :], *falling[len(dated) :]))


def test_a_switch_puts_the_undated_first(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "switches", {"nulls_when_sorting": "first"})

    assert api.bundles.list(sort_by="valid-until", limit=1)[0].valid_until is None


def test_the_bundle_that_changed_last_comes_first_by_date_updated(api: Any) -> None:
    sid = seed.BUNDLES["acme-jp-local"]
    api.bundles(sid).update(email="ada2@acme.example")

    assert api.bundles.list(sort_by="date-updated", limit=1)[0].sid == sid


def test_the_newest_bundle_comes_first_unless_asked_otherwise(api: Any) -> None:
    copy = api.bundles(seed.BUNDLES["acme-de-local"]).bundle_copies.create()

    assert api.bundles.list()[0].sid == copy.sid
    assert api.bundles.list(sort_direction="ASC")[-1].sid == copy.sid


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"status": "approved"}, 22203),
        ({"number_type": "satellite"}, 22200),
        ({"end_user_type": "robot"}, 22200),
        ({"bundle_sids": ",".join([seed.BUNDLES["acme-de-local"]] * 21)}, 20001),
        ({"bundle_sids": "BU1"}, 20001),
        ({"valid_until_date": "soon"}, 20001),
        ({"has_valid_until_date": "perhaps"}, 20001),
        ({"sort_by": "name"}, 20001),
        ({"sort_direction": "UP"}, 20001),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(
    api: Any, filters: dict[str, Any], code: int
) -> None:
    with list_refused(code):
        api.bundles.list(**filters)


def test_the_name_filter_compares_as_the_switch_says(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "switches", {"friendly_name_filter": "contains"})

    assert keys(api.bundles.list(friendly_name="Cologne")) == {"acme-de-papers"}


def test_dates_arrive_as_dates_in_the_sdk(api: Any) -> None:
    bundle = api.bundles(seed.BUNDLES["acme-de-local"]).fetch()

    left = bundle.valid_until - datetime.now(UTC)
    assert timedelta(days=4) < left < timedelta(days=5, minutes=1)
    assert isinstance(bundle.date_created, datetime)


def test_lists_of_the_2010_api_page_with_relative_addresses(main: Client) -> None:
    everything = main.incoming_phone_numbers.list()

    paged = main.incoming_phone_numbers.list(page_size=7)

    assert [n.sid for n in paged] == [n.sid for n in everything]
    assert len(paged) > 20


def test_page_without_a_token_counts_pages_or_is_ignored(sandbox: Sandbox) -> None:
    counted = raw(sandbox, "Bundles", PageSize=5, Page=1)
    control(sandbox.base_url, "switches", {"page_without_token": "first"})
    ignored = raw(sandbox, "Bundles", PageSize=5, Page=1)
    first = raw(sandbox, "Bundles", PageSize=5)

    assert counted["results"] != first["results"]
    assert ignored["results"] == first["results"]
