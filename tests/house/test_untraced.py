"""What coverage is told to leave out is left out, in workers and in processes too."""

import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.untraced
def test_coverage_follows_neither_what_is_marked_nor_its_children() -> None:
    assert sys.gettrace() is None
    assert "COVERAGE_PROCESS_CONFIG" not in os.environ


@settings(max_examples=2)
@given(st.integers())
def test_coverage_follows_no_random_example(number: int) -> None:
    assert sys.gettrace() is None
