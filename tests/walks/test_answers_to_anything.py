"""From any regulation and any evaluation to pages that somebody can answer, until it passes."""

import json

from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compliance.gateway import Evaluation
from compliance.requirements import Checklist, checklist
from compliance.sandbox import evaluation
from portal.forms import AnswerForm
from tests.walks.generated import (
    ANY_JSON,
    ANY_OBJECT,
    NAMES,
    RULES,
    Json,
    evaluated,
    holdings,
    regulations,
)
from tests.walks.somebody import after, filled_in, in_the_details_too, page_of

WALK = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# So often somebody takes any of the offered ways, then the proposed one: once for what is missing,
# once for what only then can be compared, once for what a reviewer refused.
WILFUL, ROUNDS = 2, 6


@given(data=st.data(), rules=RULES)
@WALK
def test_whatever_is_asked_can_be_answered_until_it_passes(
    data: st.DataObject, rules: evaluation.Rules
) -> None:
    wanted = data.draw(regulations())
    held = data.draw(holdings(wanted))
    for round_ in range(ROUNDS):
        status, results = evaluated(wanted, held, rules)
        asked = checklist(wanted, results, held)
        refused = any(item.refused for item in held)
        assert bool(asked.tasks) == (status != "compliant" or refused)
        if not asked.tasks:
            return
        for place, task in enumerate(asked.tasks):
            ways = task.options if round_ < WILFUL else task.options[:1]
            option = data.draw(st.sampled_from(ways))
            page = page_of(option, is_document=task.kind == "document", data=filled_in(option))
            assert page.is_valid(), page.errors
            number = 100 * round_ + place
            held = after(held, option, page.values(), wanted=wanted, number=number)
            held = in_the_details_too(held, {name: page.values()[name] for name in page.shared()})
    raise AssertionError(f"never passes: {json.dumps(results, indent=1)}")


@given(data=st.data(), rules=RULES)
@WALK
def test_every_page_is_drawn_and_says_what_is_wrong_with_anything(
    data: st.DataObject, rules: evaluation.Rules
) -> None:
    wanted = data.draw(regulations())
    held = data.draw(holdings(wanted))
    _status, results = evaluated(wanted, held, rules)
    for task in checklist(wanted, results, held).tasks:
        for option in task.options:
            typed = QueryDict(mutable=True)
            suffixes = ("", "-d", "-m", "-y", "-pick", "-use", "-street", "-iso_country")
            for name in data.draw(st.lists(st.sampled_from(NAMES), max_size=4)):
                value = data.draw(st.text(max_size=20) | st.just("x" * 3000))
                typed[f"f-{name}{data.draw(st.sampled_from(suffixes))}"] = value
            for sent in (None, typed):
                page = page_of(option, is_document=task.kind == "document", data=sent)
                _is_drawn(page)
            if not page.is_valid():
                sentences = [str(line) for lines in page.errors.values() for line in lines]
                assert all(len(sentence) > 10 for sentence in sentences), sentences


@given(wanted=ANY_OBJECT, results=st.lists(ANY_OBJECT, max_size=4), data=st.data())
@WALK
def test_broken_evaluations_never_end_in_an_exception(
    wanted: Json, results: list[Json], data: st.DataObject
) -> None:
    held = data.draw(holdings({"end_user": [], "supporting_document": [[]]}))
    _every_page_opens(checklist(wanted, as_read(results), held))


@given(data=st.data(), rules=RULES)
@WALK
def test_half_broken_evaluations_leave_something_to_do(
    data: st.DataObject, rules: evaluation.Rules
) -> None:
    wanted = data.draw(regulations())
    held = data.draw(holdings(wanted))
    status, results = evaluated(wanted, held, rules)
    assume(status != "compliant")
    spoiled = as_read([_spoiled(data, result) for result in results])
    asked = checklist(data.draw(st.sampled_from((wanted, {}))), spoiled, held)
    _every_page_opens(asked)
    if any(not result.get("passed") for result in spoiled):
        assert asked.tasks


def as_read(results: list[Json]) -> list[Json]:
    return Evaluation.of({"results": results}).results


def _spoiled(data: st.DataObject, result: Json) -> Json:
    """With one of its values replaced or gone, as when Twilio changes what it answers."""
    key = data.draw(st.sampled_from([key for key in result if key != "passed"]))
    if data.draw(st.booleans()):
        return {name: value for name, value in result.items() if name != key}
    return {**result, key: data.draw(ANY_JSON)}


def _every_page_opens(asked: Checklist) -> None:
    keys = [task.key for task in asked.tasks]
    assert len(set(keys)) == len(keys)
    for task in asked.tasks:
        assert task.options
        for option in task.options:
            is_document = task.kind == "document"
            _is_drawn(page_of(option, is_document=is_document))
            assert page_of(option, is_document=is_document, data=filled_in(option)).is_valid()


def _is_drawn(page: AnswerForm) -> None:
    """Each field once, and nothing that somebody else wrote as if it were ours."""
    controls = [*page.controls(), *page.other_controls()]
    drawn = render_to_string("_fields.html", {"controls": controls})
    assert "<script>alert" not in drawn
    assert drawn.count('id="f-') >= len(controls)
