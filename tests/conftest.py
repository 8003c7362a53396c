"""Skips what needs data that a user's clone does not have."""

import pytest

from tests.shared_data import SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason=f"no market data in {SHARED}; the packaged set is tested")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)
