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
from quantloom_server.platform.rates import Pace
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


def test_every_operation_says_more_than_its_line(document: Json) -> None:
    def is_silent(_: str, operation: Json) -> bool:
        own, _, facts = operation["description"].rpartition("\n\n")
        return len(own) < 20 or not facts.startswith(("Open to everybody", "Needs the permission"))

    assert faults(document, is_silent) == []


def test_every_parameter_is_described(document: Json) -> None:
    def is_silent(_: str, operation: Json) -> bool:
        return any(not one.get("description") for one in operation.get("parameters", ()))

    assert faults(document, is_silent) == []


def test_every_field_of_every_shape_is_described(document: Json) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if not told.get("description")
    ]

    assert silent == []


def test_every_shape_has_a_name_that_clients_can_use(document: Json) -> None:
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_operation_tells_what_it_is_counted_against(document: Json) -> None:
    classes = {pace.value for pace in Pace} | {"none"}

    def is_silent(_: str, operation: Json) -> bool:
        told = operation["x-rate-class"]
        words = "Is not counted." if told == "none" else f"the limit `{told}`"
        return told not in classes or words not in operation["description"]

    assert faults(document, is_silent) == []


def test_every_operation_that_asks_for_an_unlock_says_so(document: Json) -> None:
    def is_silent(_: str, operation: Json) -> bool:
        answer = operation["responses"].get("403", {})
        codes = answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
        told = "auth.step_up_required" in codes, "another session does" in operation["description"]
        return told != (operation.get("x-step-up", False),) * 2

    assert faults(document, is_silent) == []
    assert any(operation.get("x-step-up") for _, operation in operations(document))


def test_every_error_is_a_problem_document(document: Json) -> None:
    def has_other(_: str, operation: Json) -> bool:
        if operation["operationId"] == "ready":  # its checks are the answer, well or not
            return False
        errors = [one for code, one in operation["responses"].items() if code >= "400"]
        kinds = [list(_resolved(one, document).get("content", {})) for one in errors]
        return not errors or any(kind != ["application/problem+json"] for kind in kinds)

    assert faults(document, has_other) == []


def test_every_error_is_shown_with_the_status_it_comes_with(document: Json) -> None:
    def lies(_: str, operation: Json) -> bool:
        for status, answer in operation["responses"].items():
            content = _resolved(answer, document).get("content", {}).get("application/problem+json")
            if content is None:
                continue
            shown = [one["value"] for one in content.get("examples", {}).values()]
            shown += [content["example"]] if "example" in content else []
            if not shown or any(str(one["status"]) != status for one in shown):
                return True
        return False

    assert faults(document, lies) == []


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
