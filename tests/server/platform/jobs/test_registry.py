from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from quantloom_server.platform.jobs.context import JobContext
from quantloom_server.platform.jobs.errors import BadPayload, UnknownKind
from quantloom_server.platform.jobs.registry import LONGEST_S, get_kind, job


@dataclass(frozen=True, slots=True)
class Order:
    of: UUID
    on: date
    rounds: int = 1


@job("registry_tests.do", limit_s=60)
async def do(context: JobContext, order: Order) -> None:
    """Does nothing."""


def test_a_payload_is_read_as_the_type_of_the_second_parameter() -> None:
    text = "01a2011b-81da-7000-bf92-b9d0c6d00c89"

    order = get_kind("registry_tests.do").read({"of": text, "on": "2026-01-02"})

    assert order == Order(UUID(text), date(2026, 1, 2))


@pytest.mark.parametrize("payload", [{}, {"of": "x", "on": "2026-01-02"}, {"of": 1, "on": 2}])
def test_a_payload_that_does_not_fit_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(BadPayload):
        get_kind("registry_tests.do").read(payload)


@pytest.mark.parametrize(
    "name", ["nowhere.run", "identity.nothing", "run", "", "os.path", "a.b.c", "../x.y"]
)
def test_a_kind_that_nobody_does_is_refused(name: str) -> None:
    with pytest.raises(UnknownKind):
        get_kind(name)


@pytest.mark.parametrize(
    ("name", "limit_s"), [("run", 1.0), ("a.run", 0.0), ("a.b", 2 * LONGEST_S)]
)
def test_a_kind_needs_a_name_and_a_limit(name: str, limit_s: float) -> None:
    with pytest.raises(ValueError, match=name):
        job(name, limit_s=limit_s)
