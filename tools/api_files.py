"""Write what is made of the OpenAPI document: the reference page and the types of the web client.

python -m tools.api_files
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quantloom_server.app import create_app
from quantloom_server.platform.documenting import ABOUT, make_document, operations
from quantloom_server.settings import Settings
from tools.typescript import type_of, types_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "api.md"
TYPES = ROOT / "web" / "src" / "api" / "schema.ts"

Json = dict[str, Any]


def main() -> int:
    """Write both files."""
    document = find_document()
    for path, text in ((PAGE, make_page(document)), (TYPES, make_types(document))):
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def find_document() -> Json:
    """The document of the service as it is shipped."""
    return make_document(create_app(Settings(_env_file=None)))


def make_page(document: Json) -> str:
    """The reference page."""
    lines = [
        "# REST API",
        "",
        "Made of the OpenAPI document by `make api`; the running service shows it at `/docs`,",
        "`/redoc` and `/openapi.json`.",
        "",
        ABOUT.partition("\n\n")[2].strip(),
        "",
    ]
    for tag in document["tags"]:
        lines += [f"## {tag['name']}", "", tag["description"], ""]
        for path, method, operation in _with_methods(document):
            if tag["name"] in operation["tags"]:
                lines += _section(path, method, operation, document)
    return "\n".join(lines).rstrip() + "\n"


def make_types(document: Json) -> str:
    """The types of the web client."""
    schemas = document["components"]["schemas"]
    lines = ["// Made of the OpenAPI document by `make api`.", ""]
    lines += types_of(schemas)
    lines += ["export interface Operations {"]
    routes = ["export const routes = {"]
    for path, method, operation in _with_methods(document):
        name = operation["operationId"]
        routes.append(f'  {name}: ["{method.upper()}", "{path}"],')
        lines += [
            f"  /** {operation['summary']}. */",
            f"  {name}: {{",
            f"    path: {_asked(operation, 'path')};",
            f"    query: {_asked(operation, 'query')};",
            f"    body: {_body(operation)};",
            f"    answer: {_answer(operation)};",
            "  };",
        ]
    return "\n".join([*lines, "}", "", *routes, "} as const;", ""])


def _with_methods(document: Json) -> Iterator[tuple[str, str, Json]]:
    names = {operation["operationId"]: path for path, operation in operations(document)}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and operation.get("operationId") in names:
                yield path, method, operation


def _section(path: str, method: str, operation: Json, document: Json) -> list[str]:
    lines = [f"### {operation['summary']}", "", f"`{method.upper()} {path}`", ""]
    lines += [operation["description"], ""]
    lines += _parameters(operation)
    if body := operation.get("requestBody", {}).get("content", {}).get("application/json"):
        lines += ["Body:", "", *_shown(body.get("example")), ""]
    for code, answer in operation["responses"].items():
        if code < "300":
            lines += _good(code, answer)
    bad = [_bad(code, answer, document) for code, answer in operation["responses"].items()]
    return [*lines, "".join(filter(None, bad)).rstrip(), ""]


def _parameters(operation: Json) -> list[str]:
    asked = operation.get("parameters", ())
    if not asked:
        return []
    lines = ["| parameter | in | what it is |", "|---|---|---|"]
    for one in asked:
        told = one.get("description", "").replace("|", "\\|")
        needed = " Required." if one.get("required") and one["in"] != "path" else ""
        lines.append(f"| `{one['name']}` | {one['in']} | {told}{needed} |")
    return [*lines, ""]


def _good(code: str, answer: Json) -> list[str]:
    content = answer.get("content", {})
    if "application/json" in content and "schema" in content["application/json"]:
        return [f"Answer, {code}:", "", *_shown(content["application/json"].get("example")), ""]
    kinds = ", ".join(f"`{kind}`" for kind in content)
    return [f"Answer, {code}: {kinds or 'no content'}.", ""]


def _bad(code: str, answer: Json, document: Json) -> str:
    if code < "300":
        return ""
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        return f"- {code}: {answer['description']}\n"
    codes = answer["description"].splitlines()
    general = [one for one in codes if not one.startswith("- ")]
    own = [f"  {one}\n" for one in codes if one.startswith("- ")]
    return f"- {code}: {' '.join(general) or 'Errors of its own.'}\n" + "".join(own)


def _shown(example: Any) -> list[str]:
    return ["```json", json.dumps(example, ensure_ascii=False, indent=2), "```"]


def _asked(operation: Json, place: str) -> str:
    asked = [one for one in operation.get("parameters", ()) if one["in"] == place]
    fields = [
        f"{one['name']}{'' if one.get('required') else '?'}: {type_of(one['schema'])}"
        for one in asked
    ]
    return f"{{ {'; '.join(fields)} }}" if fields else "undefined"


def _body(operation: Json) -> str:
    body = operation.get("requestBody", {})
    content = body.get("content", {}).get("application/json", {})
    if "schema" not in content:
        return "undefined"
    told = type_of(content["schema"])
    return told if body.get("required") else f"{told} | undefined"


def _answer(operation: Json) -> str:
    kinds = []
    for code, answer in operation["responses"].items():
        if code < "300":
            content = answer.get("content", {})
            schema = content.get("application/json", {}).get("schema")
            kinds.append(type_of(schema) if schema else "string" if content else "undefined")
    return " | ".join(dict.fromkeys(kinds))


if __name__ == "__main__":
    sys.exit(main())
