"""The form of one task: the fields of the chosen option, and its file.

It holds what is known, typed and posted; how a kind of field looks is ``portal.forms.drawing``'s to
say.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext

from compliance.answers import File
from compliance.models import Answer
from compliance.requirements import Field, Option
from compliance.wording import reasons
from compliance.wording.fields import HINTS
from compliance.wording.labels import in_sentence, shown
from portal.document import FILE, Document
from portal.files import Unacceptable
from portal.forms import drawing, kinds, matching
from portal.forms.controls import AUTOCOMPLETE, Control

# Distinguishes a regulation's field from our own (version, file).
PREFIX = "f-"


class AnswerForm(forms.Form):
    """Bound to a POST, or showing what is known.

    :param values: what was answered before and is not yet with the provider; by field name.
    :param addresses: how the addresses read that the registration has, by SID; the page posts their
        places in this list, never the SIDs.
    :param new_address: another one can be entered.
    :param local: a new address must be in the country of the numbers.
    :param details: the person or company, for values that must be the same on a document.
    :param keeps_file: a file of an earlier answer is still there, so none has to be selected.
    :param document: reads the file, or the files, of a form that needs one.
    :param draft: what had been typed and not saved; by input name.
    :param theirs: what a colleague saved meanwhile, to be shown next to what was typed.
    """

    version = forms.IntegerField(min_value=0, required=False)
    details_version = forms.IntegerField(min_value=0, required=False)

    def __init__(
        self,
        option: Option,
        *,
        is_document: bool,
        region: str = "",
        country: str = "",
        addresses: Mapping[str, str] | None = None,
        new_address: bool = True,
        local: bool = False,
        values: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
        keeps_file: bool = False,
        document: Document | None = None,
        draft: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data=data)
        self.document = document
        self.details = details or {}
        self.draft = draft or {}
        self.option = option
        self.is_document = is_document
        self.region = region
        self.country = country
        self.addresses = addresses or {}
        self.new_address = new_address
        self.local = local
        self.known = values or {}
        self.keeps_file = keeps_file
        self.theirs: Mapping[str, Any] = {}
        self.file: File | None = None
        for spec in option.fields:
            self.fields[PREFIX + spec.name] = self._field(spec)
        for spec in option.others:
            # What was folded away and did not come at all has not been touched.
            name, field = PREFIX + spec.name, self._field(spec)
            omitted = field.widget.value_omitted_from_data(self.data, self.files, name)
            if not (self.is_bound and omitted):
                self.fields[name] = field
        if option.needs_file:
            self.fields[FILE] = forms.Field(required=False, widget=forms.FileInput)

    def _field(self, spec: Field) -> kinds.Kind:
        inner = self._plain_field(spec)
        pair = self._pair(spec)
        if pair is None:
            return inner
        inner.passed = False
        return matching.Match(pair, inner=inner, shown="", passed=False, on_document=True)

    def _pair(self, spec: Field) -> Field | None:
        """The field with both its values, where they must be the same and are not. One that was
        posted as such is read as such, even if they have become the same meanwhile."""
        if not self.is_document or spec.reason is None or spec.reason.kind != "mismatch":
            return None
        twin = str(self.details.get(spec.name) or spec.twin)
        posted = self.is_bound and PREFIX + spec.name + matching.USE in self.data
        if not spec.value or not twin or (twin == spec.value and not posted):
            return None
        return replace(spec, twin=twin)

    def _plain_field(self, spec: Field) -> kinds.Kind:
        passed = spec in self.option.others or bool(self.option.changes_sid and not spec.reason)
        common: dict[str, Any] = {
            "shown": self._shown(spec, spec.value),
            "passed": passed,
            "on_document": self.is_document,
        }
        match spec.kind:
            case "phone":
                return kinds.Phone(spec, region=self.region, **common)
            case "address":
                home = (self.region, self.country) if self.local else ("", "")
                return kinds.Address(
                    spec, known=tuple(self.addresses), new=self.new_address, home=home, **common
                )
            case _:
                return KINDS[spec.kind](spec, **common)

    def _shown(self, spec: Field, value: Any) -> Any:
        """A stored value in the form in which the inputs hold it, and send it back."""
        match spec.kind:
            case "date":
                return kinds.day_parts(value)
            case "country":
                return kinds.country_code(value)
            case "choice":
                return kinds.chosen(spec.choices, value)
            case "address":
                return self._shown_address(value)
            case _:
                return kinds.normal(str(value or ""))

    def _shown_address(self, value: Any) -> dict[str, str]:
        blank = {"pick": "", **dict.fromkeys(kinds.ADDRESS_PARTS, ""), "iso_country": self.region}
        if isinstance(value, Mapping) and "sid" not in value:
            parts = {part: str(value.get(part) or "") for part in kinds.ADDRESS_PARTS}
            return {"pick": kinds.NEW_ADDRESS, **parts}
        sids = [value.get("sid")] if isinstance(value, Mapping) else value or []
        place = next((i for i, sid in enumerate(self.addresses) if sid in sids), None)
        return blank if place is None else {**blank, "pick": str(place)}

    # --- What was posted ----------------------------------------------------------------------

    def clean(self) -> None:
        if not self.option.needs_file or self.document is None:
            return
        try:
            self.file = self.document.read()
        except Unacceptable as refusal:
            self.add_error(FILE, str(refusal))
            return
        if self.file is None and not (self.keeps_file or self.document.is_late):
            self.add_error(
                FILE,
                gettext("Select your %(document)s") % {"document": in_sentence(self.option.label)},
            )

    def posted_version(self) -> int:
        return self.cleaned_data.get("version") or 0

    def posted_details_version(self) -> int:
        return self.cleaned_data.get("details_version") or 0

    def shared(self) -> list[str]:
        """The fields whose value is to stand in the details, too."""
        return [spec.name for spec in self.option.fields if self._pair(spec)]

    def values(self) -> dict[str, Any]:
        """By field name, for :func:`compliance.answers.save`. What was folded away and has not been
        touched is left out."""
        found = {spec.name: self.cleaned_data[PREFIX + spec.name] for spec in self.option.fields}
        for spec in self.option.others:
            value = self.cleaned_data.get(PREFIX + spec.name, spec.value)
            if value != spec.value:
                found[spec.name] = value
        return {name: value for name, value in found.items() if value not in ([], None)}

    def says_the_same_as(self, answer: Answer) -> bool:
        """Whether this is what was saved already: the same page sent twice."""
        if not self.is_valid() or answer.type != self.option.type:
            return False
        sent = hashlib.sha256(self.file.data).hexdigest() if self.file else answer.file_sha256
        return sent == answer.file_sha256 and answer.values() == self.values()

    # --- What is drawn ------------------------------------------------------------------------

    def controls(self) -> list[Control]:
        return [self._control(spec) for spec in self.option.fields]

    def other_controls(self) -> list[Control]:
        return [self._control(spec) for spec in self.option.others]

    def file_error(self) -> str:
        found = self.errors.as_data().get(FILE, []) if self.is_bound else []
        return " ".join(str(error.messages[0]) for error in found)

    def problems(self) -> list[tuple[str, str]]:
        """For the summary: the id to go to, and the sentence."""
        if not self.is_bound:
            return []
        found = []
        if self.option.needs_file and self.file_error():
            found.append((FILE, self.file_error()))
        for spec in (*self.option.fields, *self.option.others):
            for error in self.errors.as_data().get(PREFIX + spec.name, ()):
                id_ = drawing.id_at(spec, error.code)
                if error.code == "use":
                    id_ = f"{drawing.id_of(spec.name)}{matching.USE}-0"
                found.append((id_, str(error.messages[0])))
        return found

    def others_need_attention(self) -> bool:
        others = self.option.others
        if not self.is_bound:
            return any(
                self._drafted(f)
                and self._typed(f) != self._shown(f, self.known.get(f.name, f.value))
                for f in others
            )
        return any(PREFIX + f.name in self.errors for f in others)

    def _drafted(self, spec: Field) -> bool:
        name = PREFIX + spec.name
        if self.is_bound or name not in self.fields:
            return False
        return not self.fields[name].widget.value_omitted_from_data(self.draft, {}, name)

    def _typed(self, spec: Field) -> Any:
        """What its inputs held when they were sent, or when the page was left."""
        name = PREFIX + spec.name
        if self.is_bound:
            return self[name].data
        return self.fields[name].widget.value_from_datadict(self.draft, {}, name)

    def _control(self, spec: Field) -> Control:
        name, id_ = PREFIX + spec.name, drawing.id_of(spec.name)
        is_typed = (self.is_bound and name in self.fields) or self._drafted(spec)
        if is_typed:
            value = self._typed(spec)
        else:
            value = self._shown(spec, self.known.get(spec.name, spec.value))
        pair, use = self._pair(spec), ""
        if pair is not None:
            stored = self.known.get(spec.name)
            use = matching.use_of(pair, stored)
            if is_typed:
                use, value = value["use"], value["typed"]
            elif use != matching.TYPED:
                value = self._shown(spec, "")
            spec = pair
        errors = self.errors.as_data().get(name, []) if self.is_bound else []
        theirs = self.theirs.get(spec.name)
        control = Control(
            id=id_,
            name=name,
            kind=spec.kind,
            label=spec.label,
            optional=not spec.required,
            hint=spec.hint,
            foreign=bool(spec.hint) and spec.name not in HINTS,
            why=reasons.of_field(
                spec,
                is_document=self.is_document,
                is_new=not self.option.changes_sid,
                country=self.country,
            ),
            error="" if spec.kind == "address" else " ".join(e.messages[0] for e in errors),
            theirs=shown(spec, theirs) if theirs not in (None, "") else "",
            autocomplete=AUTOCOMPLETE.get(spec.name, ""),
        )
        drawing.draw(
            control,
            spec,
            value,
            errors=errors,
            addresses=list(self.addresses.values()),
            new_address=self.new_address,
        )
        if pair is not None:
            in_input = use == matching.TYPED
            return matching.draw(control, pair, use=use, error_is_in_input=in_input)
        return control


KINDS: dict[str, type[kinds.Kind]] = {
    "text": kinds.Text,
    "long-text": kinds.LongText,
    "email": kinds.Email,
    "date": kinds.Day,
    "country": kinds.Country,
    "choice": kinds.Choice,
}
