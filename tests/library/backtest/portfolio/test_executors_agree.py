"""The compiled core against the event engine, which follows the same weights by plain orders."""

from collections import Counter
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.backtest.portfolio import booking, simulating
from quantloom.backtest.portfolio.kernels import Journal
from quantloom.backtest.portfolio.kernels import columns as of
from quantloom.backtest.result import TABLES
from tests.library.backtest.portfolio.cases import by_events, make_case

SAMPLE = 100


def assert_equal(ours: BacktestResult, theirs: BacktestResult) -> None:
    for name in TABLES:
        mine, other = getattr(ours, name), getattr(theirs, name)
        for column in other:
            assert mine[column].tolist() == other[column].tolist(), (name, column)
    assert ours.final_equity == theirs.final_equity
    assert ours.metrics == theirs.metrics


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_core_books_what_the_event_engine_books(seed: int) -> None:
    case = make_case(seed)

    ours = case.run()
    with by_events():
        theirs = case.run()

    assert_equal(ours, theirs)


@pytest.fixture(scope="module")
def seen() -> Counter[object]:
    """What happened over a sample of cases: in the core, and whether the ledger agreed with it."""
    found: Counter[object] = Counter()

    def simulate(*args: Any, **options: Any) -> Journal:
        journal = simulating_as_it_is(*args, **options)
        orders = journal.orders[: journal.counts[of.ORDERS]]
        found.update(orders[:, of.STATUS].tolist())
        fills = journal.fills[: journal.counts[of.FILLS], of.ORDER]
        found["partial"] += len(fills) - len(np.unique(fills))
        found["short"] += int((journal.held < 0).sum())
        found["unsure"] += bool(journal.counts[of.UNSURE])
        return journal

    def book(*args: Any) -> bool:
        agrees = booking_as_it_is(*args)
        found["agrees"] += agrees
        return agrees

    simulating_as_it_is, booking_as_it_is = simulating.simulate, booking.book
    with (
        mock.patch.object(simulating, "simulate", simulate),
        mock.patch.object(booking, "book", book),
    ):
        for seed in range(SAMPLE):
            make_case(seed).run()
    return found


@pytest.mark.parametrize(
    "what",
    [
        of.WORKING,
        of.FILLED,
        of.TRIMMED,
        of.NOTHING_LEFT,
        of.NOTHING_TO_CLOSE,
        of.REFUSED,
        "partial",
        "short",
        "unsure",
    ],
)
def test_the_cases_meet_all_that_can_become_of_an_order(
    seen: Counter[object], what: object
) -> None:
    assert seen[what] >= 3


def test_the_ledger_agrees_with_the_core_in_nearly_all_cases(seen: Counter[object]) -> None:
    assert seen["agrees"] >= 0.97 * SAMPLE
