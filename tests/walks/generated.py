"""Regulations, items and evaluations as they might come, sensible ones and broken ones."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from compliance.requirements import ADDRESS_FIELD, Held
from compliance.sandbox import evaluation
from tests.domain.rules import Json, accepts, document, field, person, rule

ADDRESSES = tuple(f"AD{number:032x}" for number in range(3))
PERSONS = ("business", "individual")
TYPES = ("utility_bill", "tax_document", "passport", "commercial_registrar_excerpt", "power")
REQUIREMENTS = ("business_name_info", "proof_of_address", "identity", "details", "status", "a b/c")

# A name tells the kind of the field; the prose may list what can be chosen, or make it optional.
NAMES = (
    "business_name", "first_name", "email", "phone_number", "birth_date", "issue_date",
    "nationality", "comments", "is_subassigned", "document_number", "straße", "x", ADDRESS_FIELD,
)  # fmt: skip
PROSE = (
    "", "The full name.", "Optional, if there is one.", "Possible values: [YES, NO]",
    "Values : [ a , b , c ]", "Must be within locality covered by the phone numbers prefix.",
    "<script>alert(1)</script> & more",
)  # fmt: skip


# Made once: each new strategy is examined before its first use.
NAME = st.sampled_from(NAMES)
NAME_OF_A_PERSON = st.sampled_from(NAMES[:-1])
LABEL = st.sampled_from(("", "A label", "<b>"))
ALL_PROSE = st.fixed_dictionaries({name: st.sampled_from(PROSE) for name in NAMES})
REQUIREMENT = st.sampled_from(REQUIREMENTS)
TYPE = st.sampled_from(TYPES)
PERSON = st.sampled_from(PERSONS)


def fields(prose: Mapping[str, str], *, on_document: bool) -> st.SearchStrategy[list[Json]]:
    """An address is a document's: no End-User type has that field.

    :param prose: by name; a field that lists other choices on a document than on the End-User could
        never be the same on both.
    """
    names = NAME if on_document else NAME_OF_A_PERSON
    one = st.builds(lambda name, label: field(name, label, prose[name]), names, LABEL)
    return st.lists(one, max_size=5, unique_by=lambda each: str(each["machine_name"]))


def papers(prose: Mapping[str, str]) -> st.SearchStrategy[Json]:
    kind = st.builds(
        lambda type_, own: accepts(type_, *own),
        TYPE,
        fields(prose, on_document=True),
    )
    kinds = st.lists(kind, min_size=1, max_size=3, unique_by=lambda each: str(each["type"]))
    return st.builds(
        lambda name, accepted, prose: document(name, *accepted, description=prose),
        REQUIREMENT,
        kinds,
        st.sampled_from(PROSE),
    )


@st.composite
def regulations(draw: st.DrawFn) -> Json:
    prose = draw(ALL_PROSE)
    type_ = draw(PERSON)
    user = person(*draw(fields(prose, on_document=False)), type_=type_, name=f"{type_}_info")
    documents = draw(
        st.lists(papers(prose), max_size=4, unique_by=lambda each: str(each["requirement_name"]))
    )
    return rule(*documents, end_user=user)


VALUES = st.one_of(
    st.sampled_from(
        ("", "Acme GmbH", "YES", "NO", "a", "1984-04-12", "31.12.1999", "DE", "x" * 400)
    ),
    st.text(max_size=20),
    st.booleans(),
    st.none(),
    st.integers(),
)


SOME_VALUES = st.dictionaries(NAME_OF_A_PERSON, VALUES, max_size=6)
SOME_ADDRESSES = st.sampled_from(((), ADDRESSES[:1], ADDRESSES[:2], "text", ("AD" + "f" * 32,)))
YES_OR_NO = st.booleans()


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(SOME_VALUES)
    sids = draw(SOME_ADDRESSES)
    if sids:
        found[ADDRESS_FIELD] = ADDRESSES[0] if sids == "text" else list(sids)
    return found


@st.composite
def holdings(draw: st.DrawFn, wanted: Mapping[str, Any]) -> list[Held]:
    """What a bundle under that regulation may hold: nothing, too much, the wrong type; at most one
    End-User."""
    types = [user["type"] for user in wanted["end_user"]] + ["other"]
    users = draw(st.lists(st.sampled_from(types), max_size=1))
    kinds = [kind["type"] for each in wanted["supporting_document"][0] for kind in
             each["accepted_documents"]]  # fmt: skip
    held = [
        Held(sid=f"IT{number:032x}", type=type_, attributes=draw(attributes()))
        for number, type_ in enumerate(users)
    ]
    for number, type_ in enumerate(draw(st.lists(st.sampled_from([*kinds, "other"]), max_size=5))):
        refused = draw(YES_OR_NO)
        held.append(
            Held(
                sid=f"RD{number:032x}",
                type=type_,
                attributes=draw(attributes()),
                status="rejected" if refused else "draft",
                has_file=draw(YES_OR_NO),
                refused=refused,
                failure_reason="Too dark." if refused else "",
                error_codes=(18002,) if refused else (),
            )
        )
    return held


def evaluated(wanted: Json, held: list[Held], rules: evaluation.Rules) -> tuple[str, list[Json]]:
    """What Twilio would say of them."""
    as_items = [(item, evaluation.Item(item.type, dict(item.attributes))) for item in held]
    subject = evaluation.Subject(
        end_users=[each for item, each in as_items if item.is_end_user],
        documents=[each for item, each in as_items if not item.is_end_user],
        addresses=ADDRESSES,
    )
    return evaluation.evaluate(wanted, subject, rules)


RULES = st.builds(
    evaluation.Rules,
    groups=st.sampled_from(("any", "all")),
    mismatch_code=st.sampled_from((22217, 22218)),
    partial_failure=st.sampled_from(("first-invalid", "none")),
    check_choices=st.booleans(),
)

# --- Broken ones ------------------------------------------------------------------------------

KEYS = st.sampled_from((
    "name", "type", "requirement_name", "fields", "detailed_fields", "machine_name",
    "friendly_name", "description", "accepted_documents", "end_user", "supporting_document",
    "passed", "invalid", "valid", "object_type", "object_field", "failure_reason", "error_code",
))  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
ANY_OBJECT = st.dictionaries(KEYS, ANY_JSON, max_size=6)
