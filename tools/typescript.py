"""JSON schemas as TypeScript types."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

_PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def types_of(schemas: Mapping[str, Json]) -> list[str]:
    """Declare every schema, in the order of their names."""
    lines: list[str] = []
    for name, schema in sorted(schemas.items()):
        lines += _comment(schema, "")
        if schema.get("properties"):
            # What goes in may be left to its default; what comes out is always told.
            fields = _fields(schema, all_there=not name.endswith("In") and name != "Problem")
            lines += [f"export interface {plain_name(name)} {{", *fields, "}", ""]
        else:
            lines += [f"export type {plain_name(name)} = {type_of(schema)};", ""]
    return lines


def type_of(schema: Json) -> str:
    """The type of one schema."""
    if "$ref" in schema:
        return plain_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(map(type_of, schema[several])))
    return _of_kind(schema)


def _of_kind(schema: Json) -> str:
    if schema.get("type") == "array":
        return f"Array<{type_of(schema.get('items', {}))}>"
    if schema.get("type") == "object":
        return _object(schema)
    return _PLAIN.get(schema.get("type", ""), "unknown")


def plain_name(name: str) -> str:
    """A schema's name without what TypeScript does not take."""
    return re.sub(r"\W+", "_", name).strip("_")


def _object(schema: Json) -> str:
    if schema.get("properties"):
        return "{ " + " ".join(line.strip() for line in _fields(schema, told=False)) + " }"
    inner = schema.get("additionalProperties")
    return f"Record<string, {type_of(inner) if isinstance(inner, dict) else 'unknown'}>"


def _fields(schema: Json, *, told: bool = True, all_there: bool = False) -> Iterator[str]:
    required = schema["properties"] if all_there else schema.get("required", ())
    for name, field in schema["properties"].items():
        if told:
            yield from _comment(field, "  ")
        key = name if _NAME.fullmatch(name) else json.dumps(name)
        yield f"  {key}{'' if name in required else '?'}: {type_of(field)};"


def _comment(schema: Json, indent: str) -> list[str]:
    told = " ".join(schema.get("description", "").split()).replace("*/", "* /")
    return [f"{indent}/** {told} */"] if told else []
