"""The market data that lies beside the checkout: present in development and CI, not at users'."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.shared
"""Marks a test that reads the shared market data; `conftest.py` skips it where there is none."""
