"""The compiled core against the event engine, which follows the same weights by plain orders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.backtest.portfolio import running
from quantloom.backtest.result import TABLES
from tests.library.backtest.portfolio.cases import by_events, make_case


def assert_equal(ours: BacktestResult, theirs: BacktestResult) -> None:
    for name in TABLES:
        mine, other = getattr(ours, name), getattr(theirs, name)
        assert len(mine) == len(other), name
        for column in other:
            assert mine[column].tolist() == other[column].tolist(), (name, column)
    assert ours.final_equity == theirs.final_equity
    assert ours.metrics == theirs.metrics


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_core_books_what_the_event_engine_books(seed: int) -> None:
    case = make_case(seed)

    ours = case.run()
    with by_events():
        theirs = case.run()

    assert_equal(ours, theirs)
