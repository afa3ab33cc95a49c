"""Addresses and phone numbers of the 2010 API."""

from datetime import datetime
from typing import Any

import pytest
from twilio.rest import Client

from compliance.sandbox import Sandbox, seed
from tests.sandbox.client import control, refused

DUBLIN = {
    "customer_name": "Acme GmbH",
    "street": "2 Sample Quay",
    "city": "Wood Quay, Dublin",
    "region": "Dublin",
    "postal_code": "d08x2y3",
    "iso_country": "IE",
}
BERLIN = {
    "customer_name": "Acme GmbH",
    "street": "Musterstr. 12",
    "city": "Berlin",
    "region": "Berlin",
    "postal_code": "10115",
    "iso_country": "DE",
}


def test_an_address_is_created_changed_and_deleted(main: Client) -> None:
    address = main.addresses.create(**BERLIN, friendly_name="Office", street_secondary="3rd floor")

    assert (address.friendly_name, address.street_secondary) == ("Office", "3rd floor")
    assert (address.validated, address.verified) == (True, False)
    assert isinstance(address.date_created, datetime)
    changed = main.addresses(address.sid).update(street="Neue Str. 1")
    assert (changed.street, changed.city) == ("Neue Str. 1", "Berlin")
    assert main.addresses(address.sid).delete()
    with refused(20404, 404):
        main.addresses(address.sid).fetch()


def test_twilio_corrects_what_it_can(main: Client) -> None:
    address = main.addresses.create(**DUBLIN)

    assert (address.city, address.postal_code) == ("Dublin 8", "D08 X2Y3")


def test_a_correction_that_is_not_wanted_becomes_a_suggestion(main: Client) -> None:
    with refused(21629) as caught:
        main.addresses.create(**DUBLIN, auto_correct_address=False)

    assert "Dublin 8, D08 X2Y3" in caught.value.msg


@pytest.mark.parametrize(
    "change",
    [
        {"postal_code": "Dublin", "iso_country": "IE"},
        {"street": "-"},
        {"street": "12"},
        {"postal_code": "1011"},
    ],
)
def test_an_address_that_cannot_be_true_is_refused(main: Client, change: dict[str, str]) -> None:
    with refused(21628):
        main.addresses.create(**BERLIN | change)


@pytest.mark.parametrize("name", sorted(BERLIN))
def test_every_part_of_an_address_is_required(main: Client, name: str) -> None:
    with refused(20001):
        main.addresses.create(**BERLIN | {name: ""})


def test_an_address_on_an_approved_document_cannot_change(main: Client) -> None:
    address = main.addresses(seed.ADDRESSES["acme-berlin"])

    assert address.fetch().verified is True
    with refused(21630):
        address.update(street="Neue Str. 1")


def test_addresses_are_filtered(main: Client) -> None:
    assert len(main.addresses.list(iso_country="de")) == 2
    assert [a.city for a in main.addresses.list(customer_name="Ada Stern")] == ["London"]
    assert main.addresses.list(emergency_enabled=True) == []
    assert len(main.addresses.list(friendly_name="Acme GmbH, Berlin")) == 1


def test_an_address_knows_the_numbers_that_depend_on_it(main: Client) -> None:
    numbers = main.addresses(seed.ADDRESSES["mia-sydney"]).dependent_phone_numbers.list()

    assert {str(n.friendly_name) for n in numbers} == {"+61255501002", "+61255501003"}


def number_of(main: Client, phone_number: str) -> Any:
    return main.incoming_phone_numbers.list(phone_number=phone_number)[0]


def test_a_number_tells_its_bundle_and_address(main: Client) -> None:
    number = number_of(main, "+493023125001")

    assert number.bundle_sid == seed.BUNDLES["acme-de-local"]
    assert number.address_sid == seed.ADDRESSES["acme-berlin"]
    assert (number.address_requirements, number.status, number.type) == ("local", "in-use", "local")


def test_numbers_are_found_by_a_pattern(main: Client) -> None:
    found = main.incoming_phone_numbers.list(phone_number="2079460***")

    assert len(found) == 6
    assert main.incoming_phone_numbers.list(friendly_name="nobody") == []


def test_buying_is_refused_for_one_reason_after_the_other(main: Client) -> None:
    wanted: dict[str, Any] = {"phone_number": "+493023125099"}
    buy = main.incoming_phone_numbers.create

    with refused(21631):
        buy(**wanted)
    wanted["address_sid"] = seed.ADDRESSES["acme-paris"]
    with refused(21615):
        buy(**wanted)
    wanted["address_sid"] = seed.ADDRESSES["acme-berlin"]
    with refused(21649) as caught:
        buy(**wanted)
    assert "country: [DE], numberType: [LOCAL]" in caught.value.msg
    wanted["bundle_sid"] = seed.BUNDLES["acme-fr-local"]
    with refused(21649):
        buy(**wanted)
    wanted["bundle_sid"] = seed.BUNDLES["acme-de-current"]
    with refused(21651):
        buy(**wanted)
    wanted["bundle_sid"] = seed.BUNDLES["acme-de-local"]
    assert buy(**wanted).bundle_sid == seed.BUNDLES["acme-de-local"]


def test_a_provisional_bundle_sells_no_numbers(sandbox: Sandbox, main: Client) -> None:
    control(sandbox.base_url, f"bundles/{seed.BUNDLES['acme-de-local']}/provisional")

    with refused(21649) as caught:
        main.incoming_phone_numbers.create(
            phone_number="+493023125099",
            address_sid=seed.ADDRESSES["acme-berlin"],
            bundle_sid=seed.BUNDLES["acme-de-local"],
        )
    assert "not twilio-approved" in caught.value.msg


def test_a_foreign_bundle_is_not_found_when_buying(main: Client) -> None:
    with refused(21649) as caught:
        main.api.accounts(seed.SUBACCOUNT_SID).incoming_phone_numbers.create(
            phone_number="+442079460399",
            address_sid=seed.ADDRESSES["harbour-bath"],
            bundle_sid=seed.BUNDLES["acme-gb-local"],
        )
    assert "Bundle not found" in caught.value.msg


def test_a_number_moves_to_another_bundle_and_can_be_let_go(main: Client) -> None:
    number = number_of(main, "+493023125001")
    changed = main.incoming_phone_numbers(number.sid).update(
        bundle_sid=seed.BUNDLES["acme-de-passes"], voice_url="https://acme.example/voice"
    )

    assert changed.bundle_sid == seed.BUNDLES["acme-de-passes"]
    assert changed.voice_url == "https://acme.example/voice"
    with refused(21649):
        main.incoming_phone_numbers(number.sid).update(bundle_sid=seed.BUNDLES["acme-fr-local"])
    assert number_of(main, "+493023125001").bundle_sid == seed.BUNDLES["acme-de-passes"]
    assert main.incoming_phone_numbers(number.sid).delete()


def test_a_number_without_demands_is_simply_bought(main: Client) -> None:
    assert main.incoming_phone_numbers.create(phone_number="+12025550123").bundle_sid is None
    with refused(20001):
        main.incoming_phone_numbers.create(phone_number="+12025550123")


def test_a_number_moves_to_the_subaccount_with_bundle_and_address_of_there(main: Client) -> None:
    number = main.incoming_phone_numbers(number_of(main, "+442079460102").sid)
    there = {
        "account_sid": seed.SUBACCOUNT_SID,
        "address_sid": seed.ADDRESSES["harbour-bath"],
        "bundle_sid": seed.BUNDLES["harbour-gb-local"],
    }

    with refused(20001):
        number.update(**there | {"account_sid": "AC" + "0" * 32})
    with refused(21649):
        number.update(**there | {"bundle_sid": seed.BUNDLES["acme-gb-local"]})
    with refused(21631):
        number.update(**there | {"address_sid": seed.ADDRESSES["acme-london"]})
    assert number.update(**there).account_sid == seed.SUBACCOUNT_SID
    with refused(20404, 404):
        number.fetch()


def test_an_address_of_another_account_does_not_exist(main: Client) -> None:
    with refused(20404, 404):
        main.addresses(seed.ADDRESSES["harbour-bath"]).fetch()


def test_the_other_parts_of_an_address_change_too(main: Client) -> None:
    sid = main.addresses.create(**BERLIN).sid
    changed = main.addresses(sid).update(
        friendly_name="Hof", street_secondary="links", emergency_enabled=True
    )

    assert (changed.friendly_name, changed.street_secondary) == ("Hof", "links")
    assert changed.emergency_enabled is True
    with refused(20001):
        main.addresses(sid).update(friendly_name="x" * 65)
    with refused(21628):
        main.addresses(sid).update(postal_code="1")


@pytest.mark.parametrize("phone_number", ["+99912345678", "many", "+493023125001"])
def test_a_number_that_is_not_for_sale_is_refused(main: Client, phone_number: str) -> None:
    with refused(20001):
        main.incoming_phone_numbers.create(phone_number=phone_number)
