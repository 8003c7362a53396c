"""The Python client knows every operation, and sends it as the document says."""

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from tools.python_client import OWN, type_of

from quantloom.client import Client, RequestRefused
from quantloom.client.operations import Operations
from quantloom.client.shapes import ProfileIn
from tests.server.clients.conftest import PASSWORD, Served
from tests.server.operations import Operation, all_operations

OPERATIONS = [one for one in all_operations() if one.told["operationId"] not in OWN]


class Notebook(Operations):
    """Writes down what would be sent."""

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        self.sent = {
            "call": f"{method} {path}",
            "query": set(query or ()),
            "headers": set(headers or ()),
            "body": body,
        }


def asked(operation: Operation, place: str) -> set[str]:
    told = operation.told.get("parameters", ())
    return {one["name"] for one in told if one["in"] == place}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_operation_is_sent_as_the_document_says(operation: Operation) -> None:
    notebook = Notebook()
    method = getattr(notebook, operation.told["operationId"])
    ids = {name: str(uuid4()) for name in operation.names}
    given = {**ids, "body": operation.example} if operation.example is not None else ids

    method(**given)

    assert notebook.sent == {
        "call": f"{operation.method} {operation.path.format(**ids)}",
        "query": asked(operation, "query"),
        "headers": asked(operation, "header"),
        "body": operation.example,
    }


def test_there_is_a_method_for_every_operation_and_no_other() -> None:
    methods = {name for name, _ in inspect.getmembers(Operations, inspect.isfunction)}

    assert methods == {one.told["operationId"] for one in OPERATIONS} | {"request"}
    assert all(callable(getattr(Client, name)) for name in ("login", "logout"))


def test_what_stands_in_a_path_is_written_for_one() -> None:
    notebook = Notebook()

    notebook.get_instrument("BTC/USDT")

    assert notebook.sent["call"] == "GET /api/v1/market/instruments/BTC%2FUSDT"


async def test_operations_are_done_by_the_service(served: Served, username: str) -> None:
    client = Client(served.address)

    def use() -> tuple[str, str, bool, str]:
        client.login(username, PASSWORD)
        change: ProfileIn = {"full_name": "Ada King"}
        profile = client.change_profile(change, idempotency_key="once")
        found = client.list_instruments(q="lw", limit=1)
        has_factor = client.read_factors()["has_second_factor"]
        return profile["full_name"], found["items"][0]["symbol"], has_factor, client.metrics()

    name, symbol, has_factor, metrics = await asyncio.to_thread(use)

    assert (name, symbol, has_factor) == ("Ada King", "rb-MAIN.SHFE", False)
    assert "http_requests_total" in metrics


async def test_a_refused_operation_says_which_field_is_wrong(served: Served, username: str) -> None:
    client = Client(served.address)
    await asyncio.to_thread(client.login, username, PASSWORD)

    with pytest.raises(RequestRefused) as caught:
        await asyncio.to_thread(client.change_profile, {"phone": "no number"})

    assert caught.value.fields[0]["field"] == "body.phone"
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "int | None"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Page_A_"}}, "list[Page_A]"),
        ({"enum": ["buy", "sell"]}, "Literal['buy', 'sell']"),
        ({"const": True}, "Literal[True]"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "dict[str, str]"),
        ({"type": "object"}, "dict[str, Any]"),
        ({}, "Any"),
    ],
)
def test_schemas_become_types_of_python(schema: dict[str, object], told: str) -> None:
    assert type_of(schema) == told
