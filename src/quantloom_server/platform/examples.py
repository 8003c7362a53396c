"""Whole examples of JSON documents, put together from the examples of their fields."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_BY_FORMAT: Mapping[str, str] = {
    "uuid": "0199f1c2-7d6a-7c11-8a55-2f0c6f3e9b10",
    "date-time": "2026-03-02T01:30:00Z",
    "date": "2026-03-02",
    "time": "09:30:00",
    "password": "correct horse battery staple",
    "ipv4": "192.0.2.7",
    "ipvanyaddress": "192.0.2.7",
    "uri": "https://example.com/",
    "decimal": "1.50",
}
# Names that mean the same wherever they stand.
_BY_NAME: Mapping[str, str] = {
    "username": "ada",
    "email": "ada@example.com",
    "full_name": "Ada Lovelace",
    "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl",
    "refresh_token": "qlr_6d1f0c9b7a5e4832",
    "address": "192.0.2.7",
    "user_agent": "Mozilla/5.0",
    "request_id": "0199f1c2-7d6a-7c11-8a55-2f0c6f3e9b10",
    "object_id": "0199f1c2-7d6a-7c11-8a55-2f0c6f3e9b10",
    "next_cursor": "AZnxwn1qfBGKVS8Mbz6bEA",
    "symbol": "rb2410.SHFE",
}


class NoExample(LookupError):
    """A field whose type says too little: it needs `examples` of its own."""


def example_of(schema: Json, schemas: Mapping[str, Json]) -> Any:
    """Show what a schema means.

    Args:
        schemas: those that it may refer to, by name.
    Raises:
        NoExample: a string without an example, a format or a choice, and nothing to put in.
    """
    if (ref := schema.get("$ref")) is not None:
        return example_of(schemas[ref.rpartition("/")[2]], schemas)
    for told in ("const", "example"):
        if told in schema:
            return schema[told]
    for told in ("examples", "enum"):
        if schema.get(told):
            return schema[told][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _of_any(schema, schema[several], schemas)
    return _of_type(schema, schemas)


def _of_any(schema: Json, choices: list[Json], schemas: Mapping[str, Json]) -> Any:
    missing: NoExample | None = None
    for choice in sorted(choices, key=lambda one: one.get("type") == "null"):
        try:
            return example_of(choice, schemas)
        except NoExample as error:
            missing = missing or error
    raise missing or NoExample(schema.get("title", ""))


def _of_type(schema: Json, schemas: Mapping[str, Json]) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _of_object(schema, schemas)
    if kind == "array":
        return [example_of(schema["items"], schemas)] if schema.get("items") else []
    if (form := schema.get("format", "")) in _BY_FORMAT:
        return _BY_FORMAT[form]
    if "default" in schema:
        return schema["default"]
    if kind is not None and kind in _PLAIN:
        return schema.get("minimum", _PLAIN[kind])
    raise NoExample(schema.get("title", ""))


def _of_object(schema: Json, schemas: Mapping[str, Json]) -> Json:
    found = {}
    for name, field in schema.get("properties", {}).items():
        try:
            found[name] = example_of(field, schemas)
        except NoExample as error:
            if name in _BY_NAME:
                found[name] = _BY_NAME[name]
                continue
            raise NoExample(f"{schema.get('title', '')}.{name} {error}") from None
    return found


_PLAIN: Mapping[str, Any] = {"boolean": True, "integer": 1, "number": 1.5, "null": None}
