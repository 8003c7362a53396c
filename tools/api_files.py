"""Write what is made of the OpenAPI document: the reference page and what clients know.

python -m tools.api_files
"""

import sys
from pathlib import Path
from typing import Any

from quantloom_server.app import create_app
from quantloom_server.platform.documenting import make_document
from quantloom_server.settings import Settings
from tools.api_page import make_page, with_methods
from tools.python_client import make_operations, make_shapes
from tools.typescript import type_of, types_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "api.md"
TYPES = ROOT / "web" / "src" / "api" / "schema.ts"
CLIENT = ROOT / "src" / "quantloom" / "client"

Json = dict[str, Any]


def main() -> int:
    """Write the files."""
    document = find_document()
    for path, text in make_all(document).items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def make_all(document: Json) -> dict[Path, str]:
    """What each file is to hold."""
    return {
        PAGE: make_page(document),
        TYPES: make_types(document),
        CLIENT / "shapes.py": make_shapes(document),
        CLIENT / "operations.py": make_operations(document, with_methods(document)),
    }


def find_document() -> Json:
    """The document of the service as it is shipped."""
    return make_document(create_app(Settings(_env_file=None)))


def make_types(document: Json) -> str:
    """The types of the web client."""
    schemas = document["components"]["schemas"]
    lines = ["// Made of the OpenAPI document by `make api`.", ""]
    lines += types_of(schemas)
    lines += ["export interface Operations {"]
    routes = ["export const routes = {"]
    for path, method, operation in with_methods(document):
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
