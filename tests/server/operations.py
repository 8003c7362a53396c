"""Every operation of the service, as the suites that walk all of them need it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from quantloom_server.app import create_app
from quantloom_server.platform.documenting import make_document
from quantloom_server.platform.routing import NEEDS
from quantloom_server.settings import Settings

Json = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")
# What is not somebody's: words that all share, or that are read from the catalog.
WORDS = {"name": "viewer", "symbol": "rb2410.SHFE", "venue": "SHFE"}
# Which of somebody's things it is, and no id: there is a first version of each strategy.
WORDS |= {"template": "macd", "number": "1", "first": "1", "second": "1"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    told: Json
    schemas: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def needs(self) -> str:
        return str(self.told[NEEDS])

    @property
    def names(self) -> list[str]:
        """The parameters of the path."""
        told = self.told.get("parameters", ())
        return [one["name"] for one in told if one["in"] == "path"]

    @property
    def example(self) -> Any:
        """A body that fits; None where there is none."""
        content = self._content()
        return content.get("example") if content else None

    @property
    def fields(self) -> set[str] | None:
        """The fields of the body; None where there is none."""
        content = self._content()
        return set(self._properties(content["schema"])) if content else None

    def path_with(self, ids: dict[str, Any]) -> str:
        return self.path.format(**{name: uuid4() for name in self.names} | WORDS | ids)

    async def call(
        self, client: httpx2.AsyncClient, ids: dict[str, Any], body: Any = None
    ) -> httpx2.Response:
        return await client.request(self.method, self.path_with(ids), json=body)

    def _content(self) -> Json | None:
        content = self.told.get("requestBody", {}).get("content", {})
        found: Json | None = content.get("application/json")
        return found

    def _properties(self, schema: Json) -> Json:
        if (ref := schema.get("$ref")) is not None:
            return self._properties(self.schemas[ref.rpartition("/")[2]])
        for choice in schema.get("anyOf", ()):
            if choice.get("type") != "null":
                return self._properties(choice)
        properties: Json = schema.get("properties", {})
        return properties


def all_operations() -> list[Operation]:
    document = make_document(create_app(Settings(_env_file=None)))
    schemas = document["components"]["schemas"]
    return [
        Operation(method.upper(), path, item[method], schemas)
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
