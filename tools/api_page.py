"""The reference page of the REST API, made of the OpenAPI document."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from quantloom_server.platform.documenting import ABOUT, operations

Json = dict[str, Any]

_HEAD = """# REST API

Made of the OpenAPI document by `make api`; the running service shows it at `/docs`, `/redoc` and
`/openapi.json`. `web/` has a typed client for TypeScript, [`quantloom.client`](#from-python) one
for Python; [clients written to the documents](compatibility.md) keep working.

"""
_START = """## From the first request

```console
$ curl -s http://127.0.0.1:8000/api/v1/auth/login -H 'Content-Type: application/json' \\
    -d '{"username": "ada", "password": "correct horse battery staple"}'
{"access_token": "eyJ…", "refresh_token": "qlr_…", "token_type": "bearer", "expires_in": 900}
$ curl -s 'http://127.0.0.1:8000/api/v1/market/instruments?q=lw&limit=1' \\
    -H 'Authorization: Bearer eyJ…'
{"items": [{"symbol": "rb-MAIN.SHFE", …}], "next_cursor": "…", …}
```

When a request answers 401 with `identity.token_expired`, exchange the refresh token once and send
it again; whoever sends several requests at a time lets them share one exchange.

### From Python

```python
from quantloom.client import Client

service = Client("http://127.0.0.1:8000")
service.login("ada", "correct horse battery staple")
print(service.get_instrument("BTC/USDT")["tick_size"])
```

Each operation below is a method of the same name, with types for what goes in and what comes out.

## Errors of every route

These may come from any route and are not repeated below; a route lists those that are its own.

"""


def make_page(document: Json) -> str:
    """The reference page."""
    lines = [_HEAD + ABOUT.partition("\n\n")[2].strip(), "", _START.rstrip(), ""]
    lines += _general(document)
    lines += ["## All routes", "", *_contents(document), ""]
    for tag in document["tags"]:
        lines += [f"## {tag['name']}", "", tag["description"], ""]
        for path, method, operation in with_methods(document):
            if tag["name"] in operation["tags"]:
                lines += _section(path, method, operation)
    lines += ["## Shapes", "", "What the bodies and answers above hold.", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _shape(name, schema)
    return "\n".join(lines).rstrip() + "\n"


def with_methods(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation with its path and its method."""
    names = {operation["operationId"] for _, operation in operations(document)}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and operation.get("operationId") in names:
                yield path, method, operation


def _general(document: Json) -> list[str]:
    lines = ["| status | `code` | when |", "|---|---|---|"]
    for name, answer in document["components"]["responses"].items():
        content = answer["content"]["application/problem+json"]
        code = content["example"]["code"]
        lines.append(f"| {name.removeprefix('Problem')} | `{code}` | {answer['description']} |")
    example = document["components"]["responses"]["Problem422"]["content"]
    shown = dict(example["application/problem+json"]["example"])
    shown["errors"] = [{"field": "query.limit", "code": "greater_than_equal", "message": "…"}]
    return [*lines, "", *_shown(shown), ""]


def _contents(document: Json) -> list[str]:
    lines = ["| route | what it does | needs |", "|---|---|---|"]
    for tag in document["tags"]:
        for path, method, operation in with_methods(document):
            if tag["name"] in operation["tags"]:
                told = operation["summary"]
                link = f"[{told}](#{_anchor(operation)})"
                lines.append(
                    f"| `{method.upper()} {path}` | {link} | {operation['x-permission']} |"
                )
    return lines


def _anchor(operation: Json) -> str:
    """As readers of Markdown make it of a heading."""
    return re.sub(r"[^a-z0-9 -]", "", operation["summary"].lower()).replace(" ", "-")


def _section(path: str, method: str, operation: Json) -> list[str]:
    lines = [
        f"### {operation['summary']}",
        "",
        f"`{method.upper()} {path}` · `{operation['operationId']}`",
        "",
    ]
    lines += [operation["description"], ""]
    lines += _parameters(operation)
    body = operation.get("requestBody", {})
    if content := body.get("content", {}).get("application/json"):
        may = "" if body.get("required") else ", which may be left out"
        lines += [f"Body{may}: {_kind(content['schema'])}.", "", *_shown(content["example"]), ""]
    for code, answer in operation["responses"].items():
        if code < "300":
            lines += _good(code, answer)
    return [*lines, *_errors(operation)]


def _parameters(operation: Json) -> list[str]:
    asked = operation.get("parameters", ())
    if not asked:
        return []
    lines = ["| parameter | in | type | what it is |", "|---|---|---|---|"]
    for one in asked:
        told = one.get("description", "").replace("|", "\\|")
        needed = " Required." if one.get("required") and one["in"] != "path" else ""
        kind = _kind(one["schema"])
        lines.append(f"| `{one['name']}` | {one['in']} | {kind} | {told}{needed} |")
    return [*lines, ""]


def _good(code: str, answer: Json) -> list[str]:
    content = answer.get("content", {})
    if "schema" in content.get("application/json", {}):
        told = content["application/json"]
        return [f"Answer, {code}: {_kind(told['schema'])}.", "", *_shown(told.get("example")), ""]
    kinds = ", ".join(f"`{kind}`" for kind in content)
    return [f"Answer, {code}: {kinds or 'no content'}.", ""]


def _errors(operation: Json) -> list[str]:
    lines: list[str] = []
    also: list[str] = []
    for code, answer in operation["responses"].items():
        if code < "300":
            continue
        if "$ref" in answer:
            also.append(code)
            continue
        own = [one for one in answer["description"].splitlines() if one.startswith("- ")]
        lines += [f"- {code} {one.removeprefix('- ')}" for one in own] or [
            f"- {code}: {answer['description']}"
        ]
    told = f"Also {', '.join(also)}." if also else ""
    return [*(["Errors of its own:", "", *lines, ""] if lines else []), told, ""]


def _shape(name: str, schema: Json) -> list[str]:
    lines = [f"### {name}", "", *filter(None, [schema.get("description", "")]), ""]
    if not schema.get("properties"):
        return [*lines, f"One of: {_kind(schema)}.", ""]
    lines += ["| field | type | what it is |", "|---|---|---|"]
    is_body = name.endswith("In")
    for field, told in schema["properties"].items():
        words = [told.get("description", "").replace("|", "\\|"), *_bounds(told)]
        if is_body:
            words.append("Required." if field in schema.get("required", ()) else _default(told))
        lines.append(f"| `{field}` | {_kind(told)} | {' '.join(filter(None, words))} |")
    return [*lines, ""]


def _default(field: Json) -> str:
    default = field.get("default")
    return "" if default in (None, "", []) else f"`{json.dumps(default)}` where it is left out."


def _bounds(field: Json) -> list[str]:
    several = [field, *field.get("anyOf", ())]
    found: dict[str, Any] = {}
    for one in several:
        found |= {name: one[name] for name in _LIMITS if name in one}
    return [text.format(found[name]) for name, text in _LIMITS.items() if name in found]


_LIMITS: Mapping[str, str] = {
    "minLength": "{} characters or more.",
    "maxLength": "{} characters at most.",
    "minimum": "{} or more.",
    "maximum": "{} at most.",
    "maxItems": "{} at most.",
}


def _kind(schema: Json) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{re.sub(r'[^a-z0-9_-]', '', name.lower())})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(map(_kind, schema[several])))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(_FORMATS.get(schema.get("format", ""), schema.get("type", "anything")))


_FORMATS: Mapping[str, str] = {
    "date-time": "time",
    "date": "date",
    "uuid": "UUID",
    "uri": "URL",
}


def _shown(example: Any) -> list[str]:
    return ["```json", json.dumps(example, ensure_ascii=False, indent=2), "```"]
