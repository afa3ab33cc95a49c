"""Bundles: create, list, fetch, update (which is also how one is submitted), delete."""

from collections.abc import Callable, Iterator
from operator import attrgetter

from compliance.sandbox import lifecycle, paging, render, sids
from compliance.sandbox.context import NO_CONTENT, Answer, Call
from compliance.sandbox.errors import Refusal, broken, invalid
from compliance.sandbox.numbertypes import end_user_type, number_type
from compliance.sandbox.records import ANSWERED, WAITING, Bundle, Regulation

Filter = Callable[[Bundle], bool]
STATUSES = (
    "draft",
    "pending-review",
    "in-review",
    "twilio-rejected",
    "twilio-approved",
    "provisionally-approved",
)
FILTERS = (
    "Status",
    "BundleSids",
    "FriendlyName",
    "RegulationSid",
    "IsoCountry",
    "NumberType",
    "EndUserType",
    "HasValidUntilDate",
    "SortBy",
    "SortDirection",
    "ValidUntilDate",
    "ValidUntilDate<",
    "ValidUntilDate>",
)


def create(call: Call) -> Answer:
    """Needs a RegulationSid or country, number type and End-User type; 22200, 22201, 22202."""
    state, now = call.state, call.state.clock.now()
    friendly_name, email = call.required("FriendlyName"), call.required("Email")
    regulation = _wanted_regulation(call)
    bundle = Bundle(
        sid=sids.new("BU"),
        account_sid=call.account.sid,
        regulation_sid=regulation.sid,
        friendly_name=friendly_name,
        email=email,
        status_callback=call.callback_url(),
        is_test=call.boolean(call.form, "IsTest") or False,
        date_created=now,
        date_updated=now,
    )
    state.bundles[bundle.sid] = bundle
    return Answer(render.bundle(call, bundle), 201)


def listing(call: Call) -> Answer:
    """All filters combine; both bounds of ValidUntilDate include their own date."""
    rows = [b for b in call.state.bundles.values() if b.account_sid == call.account.sid]
    for keep in (*_by_fields(call), *_by_regulation(call), *_by_date(call)):
        rows = [row for row in rows if keep(row)]
    return paging.v2(
        call, "results", _sorted(call, rows), lambda row: render.bundle(call, row), *FILTERS
    )


def fetch(call: Call, sid: str) -> Answer:
    return Answer(render.bundle(call, call.own_bundle(sid)))


def update(call: Call, sid: str) -> Answer:
    """Either properties or Status: both at once is 22204, a word outside the enum 22203."""
    bundle = call.own_bundle(sid)
    sent = {name for name in ("StatusCallback", "FriendlyName", "Email") if name in call.form}
    status = call.form.get("Status")
    if status is not None:
        if status not in STATUSES:
            raise Refusal(22203, f"{status} is not a status that a bundle can have")
        if sent and call.state.choice("status_with_properties") == "refuse":
            raise Refusal(22204, "Status cannot be updated together with other properties")
    if sent:
        _change_properties(call, bundle, sent)
    if status is not None:
        _change_status(call, bundle, status)
    return Answer(render.bundle(call, bundle))


def delete(call: Call, sid: str) -> Answer:
    """21647 while it waits for or is in review, 21648 while numbers hang on it."""
    bundle = call.own_bundle(sid)
    if bundle.status in WAITING:
        raise Refusal(21647, f"A bundle that is {bundle.status} cannot be deleted")
    if call.state.numbers_of(bundle):
        raise Refusal(21648, "A bundle with phone numbers on it cannot be deleted")
    lifecycle.remove_bundle(call.state, bundle)
    return NO_CONTENT


def _wanted_regulation(call: Call) -> Regulation:
    form = call.form
    end_user, number = form.get("EndUserType"), form.get("NumberType")
    if end_user and end_user_type(end_user) is None:
        raise Refusal(22200, "EndUserType is neither individual nor business")
    if number and number_type(number) is None:
        raise Refusal(22200, f"{number} is not a type of phone number")
    sid, country = form.get("RegulationSid"), form.get("IsoCountry")
    if sid:
        regulation = call.state.regulations.get(sid)
        if regulation is None or regulation.retired:
            raise Refusal(22201, f"There is no regulation {sid}")
        return regulation
    if not (end_user and number and country):
        raise Refusal(22202, "Send RegulationSid, or IsoCountry with NumberType and EndUserType")
    wanted = (country.upper(), number_type(number), end_user_type(end_user))
    for regulation in call.state.regulations.values():
        have = (regulation.iso_country, regulation.number_type, regulation.end_user_type)
        if have == wanted and not regulation.retired:
            return regulation
    raise Refusal(22201, "There is no regulation for this country, number type and End-User type")


def _change_properties(call: Call, bundle: Bundle, sent: set[str]) -> None:
    if bundle.status in ANSWERED and not call.state.flag("edit_approved_properties"):
        raise call.unpublished("An approved bundle cannot be changed")
    if "FriendlyName" in sent:
        bundle.friendly_name = call.required("FriendlyName")
    if "Email" in sent:
        bundle.email = call.required("Email")
    if "StatusCallback" in sent:
        bundle.status_callback = call.callback_url()
    bundle.date_updated = call.state.clock.now()


def _change_status(call: Call, bundle: Bundle, status: str) -> None:
    """A client may only submit, and take back where the switch allows it."""
    if status == "pending-review" and bundle.status in ("draft", "twilio-rejected"):
        _submit(call, bundle)
    elif status == "draft" and bundle.status == "pending-review" and call.state.flag("withdraw"):
        lifecycle.withdraw(call.state, bundle)
    elif status != bundle.status or status != "draft":
        raise call.unpublished(f"A bundle that is {bundle.status} cannot be set to {status}")


def _submit(call: Call, bundle: Bundle) -> None:
    """Evaluated first; a refusal names the address of that evaluation in its sentence."""
    if lifecycle.breaks_evaluation(call.state, bundle):
        raise broken()
    record = lifecycle.evaluate(call.state, bundle)
    if record.status != "compliant":
        url = call.numbers_url("Bundles", bundle.sid, "Evaluations", record.sid)
        raise Refusal(
            call.state.number("submit_refused_code"),
            f"The bundle does not comply with its regulation, see {url} for what is missing",
        )
    lifecycle.submit(call.state, bundle)


def _by_fields(call: Call) -> Iterator[Filter]:
    """Here and below: one for each thing that is asked for."""
    args = call.args
    status, wanted_sids = args.get("Status"), args.get("BundleSids")
    if status and status not in STATUSES:
        raise Refusal(22203, f"{status} is not a status that a bundle can have")
    chosen = wanted_sids.split(",") if wanted_sids else []
    if len(chosen) > 20 or not all(sids.is_sid(sid, "BU") for sid in chosen):
        raise invalid("BundleSids takes 1 to 20 SIDs of bundles, with commas between them")
    if status:
        yield lambda row: row.status == status
    if chosen:
        yield lambda row: row.sid in chosen
    if regulation := args.get("RegulationSid"):
        yield lambda row: row.regulation_sid == regulation
    if name := args.get("FriendlyName"):
        yield {
            "equal": lambda row: row.friendly_name == name,
            "prefix": lambda row: row.friendly_name.startswith(name),
            "contains": lambda row: name in row.friendly_name,
        }[call.state.choice("friendly_name_filter")]


def _by_regulation(call: Call) -> Iterator[Filter]:
    args, regulations = call.args, call.state.regulations
    number, end_user = args.get("NumberType"), args.get("EndUserType")
    wanted_number = number_type(number) if number else None
    wanted_end_user = end_user_type(end_user) if end_user else None
    if (number and not wanted_number) or (end_user and not wanted_end_user):
        raise Refusal(22200, "NumberType or EndUserType is not one that Twilio knows")
    if country := args.get("IsoCountry", "").upper():
        yield lambda row: regulations[row.regulation_sid].iso_country == country
    if wanted_number:
        yield lambda row: regulations[row.regulation_sid].number_type == wanted_number
    if wanted_end_user:
        yield lambda row: regulations[row.regulation_sid].end_user_type == wanted_end_user


def _by_date(call: Call) -> Iterator[Filter]:
    has = call.boolean(call.args, "HasValidUntilDate")
    exact, latest, earliest = (
        call.date(name) for name in ("ValidUntilDate", "ValidUntilDate<", "ValidUntilDate>")
    )
    if has is False and call.state.choice("has_no_valid_until") == "all":
        has = None
    if has is not None:
        yield lambda row: has == (row.valid_until is not None)
    if exact:
        yield lambda row: row.valid_until == exact
    if latest:
        yield lambda row: row.valid_until is not None and row.valid_until <= latest
    if earliest:
        yield lambda row: row.valid_until is not None and row.valid_until >= earliest


def _sorted(call: Call, rows: list[Bundle]) -> list[Bundle]:
    """Newest first unless asked otherwise. Rows of the same moment keep the order of creation."""
    by, direction = call.args.get("SortBy"), call.args.get("SortDirection") or "DESC"
    if by and by not in ("valid-until", "date-updated"):
        raise invalid("SortBy must be valid-until or date-updated")
    if direction not in ("ASC", "DESC"):
        raise invalid("SortDirection must be ASC or DESC")

    def ordered(chosen: list[Bundle], date: str) -> list[Bundle]:
        in_order = sorted(chosen, key=attrgetter(date))
        return in_order if direction == "ASC" else in_order[::-1]

    if by != "valid-until":
        return ordered(rows, "date_updated" if by else "date_created")
    dated = ordered([row for row in rows if row.valid_until is not None], "valid_until")
    undated = ordered([row for row in rows if row.valid_until is None], "date_created")
    first = call.state.choice("nulls_when_sorting") == "first"
    return undated + dated if first else dated + undated
