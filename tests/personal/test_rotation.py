"""A new key comes, everything goes under it, and the old one can go."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance import rotation, sealing
from compliance.models import Account, Renewal
from tests.factories import make_account, make_bundle, make_customer, make_renewal, make_user

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = (Fernet.generate_key().decode() for _ in range(3))
VALUES = {"name": "Ada Stern"}


@pytest.fixture(autouse=True)
def old_key(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [FIRST]


@pytest.fixture
def renewals() -> list[Renewal]:
    customer, now = make_customer(), timezone.now()
    return [make_renewal(make_bundle(customer, now=now), now=now) for _ in range(5)]


@pytest.fixture
def account() -> Account:
    return make_account(sealed_token=sealing.wrap(b"token"))


@pytest.fixture
def app() -> Authenticator:
    data = {"secret": sealing.wrap(b"JBSWY3DP").decode()}
    user = make_user("ops@example.com", staff=True)
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.RECOVERY_CODES,
        data={"seed": sealing.wrap(b"seed").decode(), "used_mask": 0},
    )
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def test_the_old_key_can_go_after_the_rotation(
    renewals: list[Renewal], account: Account, app: Authenticator, settings: Any
) -> None:
    sealed = [renewal.seal(VALUES, about="x") for renewal in renewals]
    ended = renewals.pop()
    Renewal.objects.filter(pk=ended.pk).update(key=None)
    settings.ENCRYPTION_KEYS = [SECOND, FIRST]
    with pytest.raises(CommandError, match="before you take the old keys away"):
        said("--check")

    told = said()

    assert told.splitlines()[:3] == [
        "keys of renewals: 0 under the first key, 4 re-wrapped, 0 unreadable",
        "auth tokens of subaccounts: 0 under the first key, 1 re-wrapped, 0 unreadable",
        "authenticator apps and recovery codes: 0 under the first key, 2 re-wrapped, 0 unreadable",
    ]
    settings.ENCRYPTION_KEYS = [SECOND]
    for renewal, what in zip(renewals, sealed, strict=False):
        renewal.refresh_from_db()
        assert renewal.unseal(what, about="x") == VALUES
    account.refresh_from_db()
    assert account.token() == "token"
    app.refresh_from_db()
    assert sealing.unwrap(app.data["secret"].encode()) == b"JBSWY3DP"
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    assert sealing.unwrap(codes.data["seed"].encode()) == b"seed"
    assert codes.data["used_mask"] == 0
    ended.refresh_from_db()
    assert ended.key is None
    assert "Everything is under the first key" in said("--check")


def test_what_was_interrupted_is_finished_and_nothing_is_done_twice(
    renewals: list[Renewal], settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [SECOND, FIRST]
    counts = rotation.Counts(what="")
    rotation._rotate_batch(rotation.KINDS[0], counts, after=0, batch=2)
    before = dict(Renewal.objects.values_list("pk", "key"))

    assert "2 under the first key, 3 re-wrapped" in said()
    after = dict(Renewal.objects.values_list("pk", "key"))
    unchanged = [pk for pk in before if bytes(before[pk]) == bytes(after[pk])]
    assert unchanged == [renewal.pk for renewal in renewals[:2]]
    assert "5 under the first key, 0 re-wrapped" in said()


def test_batches_leave_nobody_out(renewals: list[Renewal], settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [SECOND, FIRST]

    assert [counts.old for counts in rotation.rotate(batch=2)] == [5, 0, 0]
    assert [counts.current for counts in rotation.look()] == [5, 0, 0]


def test_what_no_key_opens_is_said_and_left_as_it_is(
    renewals: list[Renewal], settings: Any
) -> None:
    before = [bytes(key) for key in Renewal.objects.order_by("pk").values_list("key", flat=True)]
    settings.ENCRYPTION_KEYS = [SECOND, THIRD]

    with pytest.raises(CommandError, match="a key that ENCRYPTION_KEYS does not have"):
        said()
    assert [
        bytes(key) for key in Renewal.objects.order_by("pk").values_list("key", flat=True)
    ] == before
