"""What is made of the OpenAPI document is what it would be made now."""

import pytest
from tools.api_files import find_document, make_all
from tools.typescript import type_of


def test_what_is_made_of_the_document_is_as_it_would_be_made_now() -> None:
    stale = [
        path.name
        for path, text in make_all(find_document()).items()
        if path.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "make api"


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
