"""The operations of the OpenAPI document as typed methods of Python."""

import json
import keyword
from collections.abc import Iterator, Mapping
from typing import Any

from tools.typescript import plain_name

Json = dict[str, Any]

# Of the client itself, which keeps the tokens.
OWN = ("login", "logout", "refresh")
_PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}
# What a parameter may be as well, where JSON has only strings.
_ALSO = {"date": "date", "date-time": "datetime", "uuid": "UUID"}
_HEAD = '''"""{told} Made of the OpenAPI document by `make api`."""

# fmt: off
# ruff: noqa: {noqa}

'''


def _head(told: str, noqa: str) -> str:
    return _HEAD.format(told=told, noqa=noqa).rstrip()


def make_shapes(document: Json) -> str:
    """What goes over the wire, as dictionaries with known keys."""
    schemas = document["components"]["schemas"]
    lines = [
        _head("What goes over the wire, as dictionaries with known keys.", "E501, N801"),
        "",
        "from __future__ import annotations",
        "",
        "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict",
    ]
    for name, schema in sorted(schemas.items(), key=lambda pair: bool(pair[1].get("properties"))):
        lines += ["", *_shape(plain_name(name), schema)]
    return "\n".join(lines).rstrip() + "\n"


def make_operations(document: Json, operations: Iterator[tuple[str, str, Json]]) -> str:
    """One method for each operation."""
    schemas = frozenset(map(plain_name, document["components"]["schemas"]))
    lines = [
        _head("One method for each operation of the service.", "A002, E501"),
        "",
        "from abc import ABC, abstractmethod",
        "from collections.abc import Mapping",
        "from datetime import date, datetime",
        "from typing import Any",
        "from urllib.parse import quote",
        "from uuid import UUID",
        "",
        "from quantloom.client import shapes",
        "",
        "",
        "class Operations(ABC):",
        '    """What the service does, each by the name of its operation.',
        "",
        "    Bodies and answers are dictionaries with known keys (`quantloom.client.shapes`); what",
        "    is None is not sent. Each raises `RequestRefused` and `ServiceUnavailable`.",
        '    """',
        "",
        "    @abstractmethod",
        "    def request(",
        "        self, method: str, path: str, *, query: Mapping[str, Any] | None = None,",
        "        body: Any = None, headers: Mapping[str, str | None] | None = None,",
        "    ) -> Any:",
        '        """Send a request and read the answer."""',
    ]
    for path, method, operation in operations:
        if operation["operationId"] not in OWN:
            lines += ["", *_method(path, method, operation, schemas)]
    lines += [
        "",
        "",
        "def _in_path(value: object) -> str:",
        '    return quote(str(value), safe="")',
    ]
    return "\n".join(lines) + "\n"


def type_of(schema: Json) -> str:
    """The type of one schema, by the names of `shapes`."""
    if "$ref" in schema:
        return plain_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(map(type_of, schema[several])))
    return _of_kind(schema)


def _of_kind(schema: Json) -> str:
    if schema.get("type") == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {type_of(inner) if isinstance(inner, dict) else 'Any'}]"
    return _PLAIN.get(schema.get("type", ""), "Any")


def _shape(name: str, schema: Json) -> list[str]:
    if not schema.get("properties"):
        return [f"{name}: TypeAlias = {type_of(schema)}", _text(schema.get("description"), "")]
    # What goes in may be left to its default; what comes out is always told.
    required = schema.get("required", ()) if name.endswith("In") else schema["properties"]
    lines = [f"class {name}(TypedDict):", _text(schema.get("description") or name, "    "), ""]
    for field, told in schema["properties"].items():
        kind = type_of(told)
        lines.append(
            f"    {_named(field)}: {kind if field in required else f'NotRequired[{kind}]'}"
        )
        lines.append(_text(told.get("description"), "    "))
    return [*filter(lambda line: line is not None, lines), ""]


def _text(told: str | None, indent: str) -> str:
    words = " ".join((told or "").split()).replace("\\", "\\\\").replace('"""', "'''")
    words += "" if words.endswith((".", "!", "?", "`")) or not words else "."
    return f'{indent}"""{words}"""' if words else ""


def _named(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(name)
    return name


def _method(path: str, method: str, operation: Json, schemas: frozenset[str]) -> list[str]:
    asked: Mapping[str, list[Json]] = {
        place: [one for one in operation.get("parameters", ()) if one["in"] == place]
        for place in ("path", "query", "header")
    }
    body = operation.get("requestBody", {})
    content = body.get("content", {}).get("application/json")
    taken = [f"{one['name']}: {_asked(one['schema'], schemas)}" for one in asked["path"]]
    if content:
        kind = _of_shapes(type_of(content["schema"]), schemas)
        taken.append(f"body: {kind}" if body.get("required") else f"body: {_or_none(kind)} = None")
    named = [*asked["query"], *asked["header"]]
    if named:
        taken.append("*")
    for one in named:
        kind = _asked(one["schema"], schemas)
        taken.append(f"{_snake(one['name'])}: {_or_none(kind)} = None")
    answer = _of_shapes(_answer(operation), schemas)
    arguments = ", ".join(["self", *taken])
    needs = operation["x-permission"]
    told = f"{operation['summary']}: `{method.upper()} {path}`, needs `{needs}`."
    return [
        f"    def {operation['operationId']}({arguments}) -> {answer}:",
        f'        """{told}"""',
        f"        found: {answer} = self.request({', '.join(_sent(path, method, asked, content))})",
        "        return found",
    ]


def _sent(
    path: str, method: str, asked: Mapping[str, list[Json]], content: Json | None
) -> Iterator[str]:
    yield json.dumps(method.upper())
    filled = path
    for one in asked["path"]:
        filled = filled.replace(f"{{{one['name']}}}", f"{{_in_path({one['name']})}}")
    yield f'f"{filled}"' if filled != path else f'"{path}"'
    for place, name in (("query", "query"), ("header", "headers")):
        if asked[place]:
            pairs = (f'"{one["name"]}": {_snake(one["name"])}' for one in asked[place])
            yield f"{name}={{{', '.join(pairs)}}}"
    if content:
        yield "body=body"


def _asked(schema: Json, schemas: frozenset[str]) -> str:
    formats = [schema, *schema.get("anyOf", ())]
    also = [_ALSO[one["format"]] for one in formats if one.get("format") in _ALSO]
    told = _of_shapes(type_of(schema), schemas)
    kinds = dict.fromkeys([*told.split(" | "), *also])
    return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))


def _answer(operation: Json) -> str:
    kinds = []
    for code, answer in operation["responses"].items():
        if code < "300":
            content = answer.get("content", {})
            schema = content.get("application/json", {}).get("schema")
            kinds.append(type_of(schema) if schema else "str" if content else "None")
    return " | ".join(dict.fromkeys(kinds))


def _of_shapes(kind: str, schemas: frozenset[str]) -> str:
    """A type with its names found in `shapes`."""
    for end in ("[", " | "):
        if end in kind:
            head, _, tail = kind.partition(end)
            return f"{_of_shapes(head, schemas)}{end}{_of_shapes(tail, schemas)}"
    bare = kind.rstrip("]")
    return f"shapes.{kind}" if bare in schemas else kind


def _or_none(kind: str) -> str:
    return kind if "None" in kind.split(" | ") else f"{kind} | None"


def _snake(name: str) -> str:
    return _named(name.lower().removeprefix("x-").replace("-", "_"))
