"""Sandboxes that several tests share: each takes a good part of a second to load."""

from collections.abc import Iterator
from typing import Any

import pytest

from quantloom.sandbox import Limits, Profile, Sandbox
from tests.library.sandbox.attacking import made_prey

JOBS = "tests.library.sandbox.jobs"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    limits = Limits(memory=256 << 20, cpu_s=2, wall_s=20, output=4 << 20)
    with Sandbox(preload=("json", JOBS), limits=limits, profile=Profile.STRICT) as made:
        yield made


@pytest.fixture(scope="session")
def prey() -> Iterator[dict[str, Any]]:
    with made_prey() as made:
        yield made
