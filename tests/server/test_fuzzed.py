"""Generated requests to every operation: none brings an error of ours, or an answer not described.

A few for each operation here; `make soak` sends hundreds.
"""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as searching
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quantloom_server.app import create_app
from quantloom_server.platform.documenting import make_document
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.settings import Settings
from tests.server.listening import listening
from tests.server.support import MakeCaller, OpenDoor, running

_CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
async def open_app(
    settings: Settings, door: OpenDoor, migrated: PostgresServer
) -> AsyncIterator[FastAPI]:
    """The application without limits of rate, which would answer in place of the routes."""
    rates = [name for name in Settings.model_fields if name.startswith("rate_")]
    wide = settings.model_copy(update=dict.fromkeys(rates, "1000000/second"))
    async with running(create_app(wide, keeper=lambda *_: door)) as app:
        yield app


@pytest.fixture(scope="module")
async def address(open_app: FastAPI) -> AsyncIterator[str]:
    async with listening(open_app) as address:
        yield address


def send_all(app: FastAPI, address: str, headers: dict[str, str], *, examples: int) -> list[str]:
    """Send so many generated requests to each operation; tell what is wrong with answers."""
    with warnings.catch_warnings():
        # Of schemathesis and the packages it works with, none of ours.
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(make_document(app))
        every: Iterator[Any] = schema.get_all_operations()
        found = [one.ok() for one in every]
        return [fault for one in found for fault in send(one, address, headers, examples)]


def send(operation: Any, address: str, headers: dict[str, str], examples: int) -> Iterator[str]:
    @searching(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def try_one(case: Any) -> None:
        case.call_and_validate(base_url=address, headers=headers, checks=_CHECKS)

    try:
        try_one()
    except (Exception, BaseExceptionGroup) as fault:  # noqa: BLE001  all faults are told
        told = getattr(fault, "exceptions", [fault])
        yield f"{operation.label}: {'; '.join(str(one)[:300] for one in told)}"


@pytest.mark.untraced
async def test_generated_requests_bring_no_surprise(
    open_app: FastAPI, address: str, door: OpenDoor, make_caller: MakeCaller
) -> None:
    headers = door.admit(await make_caller())

    assert await asyncio.to_thread(send_all, open_app, address, headers, examples=2) == []


@pytest.mark.soak
async def test_very_many_generated_requests_bring_no_surprise(
    open_app: FastAPI, address: str, door: OpenDoor, make_caller: MakeCaller
) -> None:
    headers = door.admit(await make_caller())

    assert await asyncio.to_thread(send_all, open_app, address, headers, examples=300) == []
