"""What is made of the OpenAPI document is what it would be made now."""

import pytest
from tools.api_files import PAGE, TYPES, find_document, make_page, make_types
from tools.typescript import type_of


def test_the_reference_page_tells_the_routes_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(find_document()), "make api"


def test_the_types_of_the_web_client_are_those_of_the_routes() -> None:
    assert TYPES.read_text(encoding="utf-8") == make_types(find_document()), "make api"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number | null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Page_A_"}}, "Array<Page_A>"),
        ({"enum": ["buy", "sell"]}, '"buy" | "sell"'),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "Record<string, string>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({}, "unknown"),
    ],
)
def test_schemas_become_types(schema: dict[str, object], told: str) -> None:
    assert type_of(schema) == told
