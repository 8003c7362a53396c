"""The reference page of instruments names every field, and no other."""

import re
from typing import Any

from tests.house.checkout import ROOT
from tests.server.operations import all_operations

PAGE = ROOT / "docs" / "reference" / "instruments.md"
Json = dict[str, Any]


def fields_of(name: str, schemas: Json, seen: set[str]) -> set[str]:
    """The fields of a shape, and of those within it."""
    if name in seen:
        return set()
    seen.add(name)
    found: set[str] = set()
    for field, told in schemas[name].get("properties", {}).items():
        found.add(field)
        for part in (told, *told.get("anyOf", ()), told.get("items", {})):
            if "$ref" in part:
                found |= fields_of(part["$ref"].rpartition("/")[2], schemas, seen)
    return found


def test_every_field_of_an_instrument_is_on_the_page() -> None:
    schemas = all_operations()[0].schemas
    told = set(re.findall(r"`([a-z_]+)`", PAGE.read_text(encoding="utf-8")))

    assert fields_of("InstrumentOut", schemas, set()) - told == set()


def test_every_question_of_the_list_is_on_the_page() -> None:
    listing = next(one for one in all_operations() if one.told["operationId"] == "list_instruments")
    asked = {one["name"] for one in listing.told["parameters"] if one["in"] == "query"}
    told = set(re.findall(r"`([a-z_]+)`", PAGE.read_text(encoding="utf-8")))

    assert asked - told == set()
