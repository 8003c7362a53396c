"""What every route of the service owes to those who write clients, by the OpenAPI document."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from quantloom_server.app import create_app
from quantloom_server.platform.documenting import make_document, operations
from quantloom_server.platform.examples import NoExample, example_of
from quantloom_server.settings import Settings

Json = dict[str, Any]
_JSON = ("application/json", "application/problem+json")


@pytest.fixture(scope="module")
def document() -> Json:
    return make_document(create_app(Settings(_env_file=None)))


def faults(document: Json, look: Callable[[str, Json], bool]) -> list[str]:
    return [f"{one['operationId']} {path}" for path, one in operations(document) if look(path, one)]


def contents(operation: Json, document: Json) -> list[Json]:
    """Every JSON body, answer and problem of an operation."""
    answers = [_resolved(one, document) for one in operation["responses"].values()]
    bodies = [one.get("content", {}) for one in (operation.get("requestBody", {}), *answers)]
    return [content for body in bodies for kind, content in body.items() if kind in _JSON]


def _resolved(answer: Json, document: Json) -> Json:
    name = answer.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["responses"][name] if name else answer
    return found


def test_the_document_is_valid(document: Json) -> None:
    validate(document)


def test_every_operation_has_a_name_of_its_own(document: Json) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]

    assert sorted(names) == sorted(set(names))


def test_every_operation_says_in_a_line_what_it_is_for(document: Json) -> None:
    line = re.compile(r"[A-Z].{3,70}[^.]")

    assert faults(document, lambda _, one: not line.fullmatch(one.get("summary", ""))) == []


def test_every_operation_tells_who_may_call_it(document: Json) -> None:
    def is_silent(_: str, operation: Json) -> bool:
        is_public = operation["x-permission"] == "anyone"
        told = "Open to everybody" if is_public else f"`{operation['x-permission']}`"
        return told not in operation["description"] or bool(operation["security"]) == is_public

    assert faults(document, is_silent) == []


def test_every_tag_is_described(document: Json) -> None:
    described = {tag["name"] for tag in document["tags"]}

    assert faults(document, lambda _, one: not set(one["tags"]) <= described) == []


def test_every_question_of_a_query_is_described(document: Json) -> None:
    def is_silent(_: str, operation: Json) -> bool:
        asked = operation.get("parameters", ())
        return any(not one.get("description") for one in asked if one["in"] == "query")

    assert faults(document, is_silent) == []


def test_every_error_is_a_problem_document(document: Json) -> None:
    def has_other(_: str, operation: Json) -> bool:
        if operation["operationId"] == "ready":  # its checks are the answer, well or not
            return False
        errors = [one for code, one in operation["responses"].items() if code >= "400"]
        kinds = [list(_resolved(one, document).get("content", {})) for one in errors]
        return not errors or any(kind != ["application/problem+json"] for kind in kinds)

    assert faults(document, has_other) == []


def test_every_guarded_operation_tells_that_it_may_refuse(document: Json) -> None:
    def is_silent(_: str, operation: Json) -> bool:
        return bool(operation["security"]) and not {"401", "403"} <= set(operation["responses"])

    assert faults(document, is_silent) == []


def test_every_body_and_answer_has_an_example(document: Json) -> None:
    def has_none(_: str, operation: Json) -> bool:
        shown = contents(operation, document)
        return any(not {"example", "examples"} & set(content) for content in shown)

    assert faults(document, has_none) == []


def test_examples_are_what_their_schemas_say(document: Json) -> None:
    def lies(_: str, operation: Json) -> bool:
        for content in contents(operation, document):
            shown = [one["value"] for one in content.get("examples", {}).values()]
            shown += [content["example"]] if "example" in content else []
            schema = {**content["schema"], "components": document["components"]}
            if any(list(_validator(schema).iter_errors(one)) for one in shown):
                return True
        return False

    assert faults(document, lies) == []


def _validator(schema: Json) -> Any:
    return OAS31Validator(schema)


def test_a_string_that_says_nothing_of_itself_needs_an_example() -> None:
    schema = {"type": "object", "title": "T", "properties": {"a": {"type": "string"}}}

    with pytest.raises(NoExample, match=r"T\.a"):
        example_of(schema, {})


def test_an_example_is_put_together_from_those_of_the_fields() -> None:
    schemas = {"In": {"type": "string", "enum": ["buy", "sell"]}}
    schema = {
        "type": "object",
        "properties": {
            "side": {"$ref": "#/components/schemas/In"},
            "at": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
            "of": {"type": "array", "items": {"type": "integer", "minimum": 3}},
        },
    }

    assert example_of(schema, schemas) == {"side": "buy", "at": "2026-03-02", "of": [3]}
