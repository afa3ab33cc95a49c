"""A renewal from its deadline to its end, over real HTTP."""

import pytest

from compliance.answers import checklist_of
from compliance.models import Answer, Renewal, Upload
from compliance.sandbox import seed
from tests.world import World

State = Renewal.State


@pytest.mark.parametrize("key", ["acme-de-local", "lumiere-fr-local", "mia-au-local"])
def test_an_approved_renewal_ends_with_the_date_gone_and_nothing_left_behind(
    world: World, key: str
) -> None:
    before = world.at_twilio(seed.BUNDLES[key])
    renewal = world.prepared(key)
    assert renewal.state == State.NEEDS_INFO, renewal.trouble
    copy_sid = renewal.copy_sid

    renewal = world.answer_all(key)
    assert renewal.state == State.READY, (renewal.trouble, renewal.evaluation)
    renewal = world.send(key)
    assert renewal.state == State.IN_REVIEW
    new_items = world.items_of(copy_sid)
    world.control(f"bundles/{copy_sid}/approve")
    renewal = world.look(key)

    assert renewal.state == State.COMPLETED, (renewal.trouble, renewal.trouble_detail)
    after = world.at_twilio(seed.BUNDLES[key])
    assert after["valid_until"] is None
    assert world.items_of(seed.BUNDLES[key]) == new_items
    assert after["numbers"] == before["numbers"]
    assert world.at_twilio(copy_sid) is None
    assert not world.strays()
    assert renewal.key is None
    assert not Upload.objects.exists()
    assert not Answer.objects.exclude(sealed=b"").exists()


def test_a_rejected_document_is_replaced_on_the_same_copy_and_nothing_else_is_asked(
    world: World,
) -> None:
    key = "lumiere-fr-local"
    renewal = world.prepared(key)
    world.answer_all(key)
    renewal = world.send(key)
    copy_sid = renewal.copy_sid
    refused = next(
        d["sid"] for d in world.at_twilio(copy_sid)["documents"] if d["type"] == "power_of_attorney"
    )
    world.control(
        f"bundles/{copy_sid}/reject",
        reason="see the documents",
        documents=[{"sid": refused, "code": 18002, "reason": "Page 2 can't be read."}],
    )
    renewal = world.look(key)
    assert (renewal.state, renewal.rejections) == (State.REJECTED, 1)

    tasks = checklist_of(renewal).tasks
    assert [task.refused for task in tasks] == [True]
    assert tasks[0].reasons[0].text == "Page 2 can't be read."
    assert tasks[0].reasons[0].code == 18002
    assert tasks[0].options[0].needs_file

    world.save(key, tasks[0])
    renewal = world.work(key)
    assert renewal.state == State.READY, (renewal.trouble, checklist_of(renewal))
    assert renewal.copy_sid == copy_sid
    renewal = world.send(key)
    world.control(f"bundles/{copy_sid}/approve")
    renewal = world.look(key)
    assert renewal.state == State.COMPLETED, (renewal.trouble, renewal.trouble_detail)
    assert not world.strays()
