"""Twilio's own OpenAPI documents, as a judge of requests and answers.

They ship in an npm package.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

from tests.npm import Package

PACKAGE = Package(
    "@twilio/cli-core",
    "8.3.2",
    "sha512-qRTAZS15i/nseKHu2zZIb1BD78WFRVOWM65iC9JqjZdNpz5KQaiEI1klsLcWDi1pwXH9JG6pbFXJrIiYRJw/dw==",
)
DOCUMENTS = {
    "numbers.twilio.com": "twilio_numbers_v2.json",
    "api.twilio.com": "twilio_api_v2010.json",
}
# In the SDK, but not yet in the documents of this version.
NEWER_PARAMETERS = {"ListBundle": {"BundleSids", "EndUserType"}}
NEWER_MEMBERS = {"api.v2010.account.incoming_phone_number": {"type": {"type": "string"}}}

_ISO = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_RFC_2822 = r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$"
_FORMATS: dict[str, dict[str, Any]] = {
    "date-time": {"pattern": _ISO},
    "date-time-rfc-2822": {"pattern": _RFC_2822},
    "uri": {"pattern": r"^(https?://|/)"},
    "uri-map": {"additionalProperties": {"type": "string", "pattern": r"^(https?://|/)"}},
    "phone-number": {"pattern": r"^\+\d{6,15}$"},
    "iso-country-code": {"pattern": "^[A-Z]{2}$"},
}


def load() -> dict[str, Any]:
    """The document of each host. Raises Missing when the package cannot be had."""
    folder = "src/services/twilio-api"
    return {host: json.loads(PACKAGE.read(f"{folder}/{file}")) for host, file in DOCUMENTS.items()}


class Judge:
    """Finds the operation that an exchange belongs to and says what is wrong with it."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self._documents = documents

    def operation(self, method: str, host: str, path: str) -> tuple[Any, Any, re.Match[str]]:
        """Document, operation and the parts of the path."""
        document = self._documents[host]
        for template, item in document["paths"].items():
            # The documents' own names of the parts, as groups: {Sid} becomes (?P<Sid>...).
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(template))
            found = re.fullmatch(pattern, path)
            if found and method.lower() in item:
                return document, item[method.lower()], found
        raise AssertionError(f"Twilio's document has no {method} {path}")

    def complaints_about_request(
        self, method: str, url: str, params: dict[str, Any], data: dict[str, Any]
    ) -> Iterator[str]:
        parts = urlsplit(url)
        document, operation, found = self.operation(method, parts.hostname or "", parts.path)
        name = operation["operationId"]
        declared = {
            (p["in"], p["name"]): p.get("required", False) for p in operation.get("parameters", [])
        }
        schemas = {(p["in"], p["name"]): p["schema"] for p in operation.get("parameters", [])}
        body = operation.get("requestBody", {}).get("content", {})
        form = body.get("application/x-www-form-urlencoded", {}).get("schema", {})
        for member, schema in form.get("properties", {}).items():
            schemas["form", member] = schema
            declared["form", member] = member in form.get("required", [])
        sent = {("path", key): value for key, value in found.groupdict().items()}
        sent |= {("query", key): value for key, value in params.items()}
        sent |= {("query", key): value for key, value in parse_qsl(parts.query)}
        sent |= {("form", key): value for key, value in data.items()}
        for key in [key for key, required in declared.items() if required and key not in sent]:
            yield f"{name}: {key} is required"
        for key, value in sent.items():
            if key[1] in NEWER_PARAMETERS.get(name, ()):
                continue
            if key not in schemas:
                yield f"{name}: {key} is not declared"
                continue
            schema = _as_text(_resolve(document, schemas[key]))
            for error in Draft202012Validator(schema).iter_errors(str(value)):
                yield f"{name}: {key}: {error.message}"

    def complaints_about_answer(
        self, method: str, url: str, status: int, payload: Any
    ) -> Iterator[str]:
        parts = urlsplit(url)
        document, operation, _ = self.operation(method, parts.hostname or "", parts.path)
        name, responses = operation["operationId"], operation["responses"]
        if str(status) not in responses:
            yield f"{name}: status {status} is not declared, only {', '.join(responses)}"
            return
        content = responses[str(status)].get("content")
        if not content:
            if payload is not None:
                yield f"{name}: has a body where none is declared"
            return
        declared = content["application/json"]
        empties = _empty_members(_examples_of_resource(document, operation["tags"]))
        schema = _strict(document, declared["schema"], empties)
        for error in Draft202012Validator(schema).iter_errors(payload):
            yield f"{name}: {error.json_path}: {error.message}"

    def example(self, method: str, url: str, status: int) -> Any:
        """One published answer of this operation, if there is any."""
        parts = urlsplit(url)
        _, operation, _ = self.operation(method, parts.hostname or "", parts.path)
        content = operation["responses"][str(status)].get("content", {})
        examples = content.get("application/json", {}).get("examples", {})
        return next((e["value"] for n, e in examples.items() if n != "readEmpty"), None)

    def name(self, method: str, url: str) -> str:
        parts = urlsplit(url)
        _, operation, _ = self.operation(method, parts.hostname or "", parts.path)
        return str(operation["operationId"])


def _resolve(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _as_text(schema: Any) -> dict[str, Any]:
    """A parameter's schema for its text as it is sent."""
    kinds: dict[str, dict[str, Any]] = {
        "boolean": {"enum": ["true", "false"]},
        "integer": {"pattern": r"^\d+$"},
    }
    text = {"type": "string"} | kinds.get(schema.get("type"), {})
    text |= {k: schema[k] for k in ("enum", "pattern", "minLength", "maxLength") if k in schema}
    return text | _FORMATS.get(schema.get("format"), {}) if schema.get("format") else text


def _strict(document: Any, schema: Any, empties: set[str]) -> dict[str, Any]:
    """The schema with every member demanded and no other allowed."""
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = _resolve(document, schema)
    out: dict[str, Any] = {
        k: schema[k] for k in ("type", "enum", "pattern", "minLength", "maxLength") if k in schema
    }
    out |= _FORMATS.get(schema.get("format", ""), {})
    if "properties" in schema:
        members = schema["properties"] | NEWER_MEMBERS.get(name, {})
        out["properties"] = {
            member: _or_empty(_strict(document, inner, empties), member in empties)
            for member, inner in members.items()
        }
        out["required"] = list(members)
        out["additionalProperties"] = False
    if "items" in schema:
        out["items"] = _strict(document, schema["items"], empties)
    if schema.get("nullable"):
        return {"anyOf": [out, {"type": "null"}]}
    return out


def _or_empty(schema: dict[str, Any], may_be_empty: bool) -> dict[str, Any]:
    return {"anyOf": [schema, {"const": ""}]} if may_be_empty else schema


def _examples_of_resource(document: Any, tags: list[str]) -> list[Any]:
    return [
        response.get("content", {}).get("application/json", {}).get("examples", {})
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("tags") == tags
        for response in operation["responses"].values()
    ]


def _empty_members(value: Any) -> set[str]:
    """Members that a published example shows as an empty text, against its own pattern."""
    if isinstance(value, dict):
        here = {key for key, inner in value.items() if inner == ""}
        return here.union(*map(_empty_members, value.values()))
    if isinstance(value, list):
        return set().union(*map(_empty_members, value))
    return set()


@cache
def judge() -> Judge:
    return Judge(load())
