"""The compiled core against the event engine, which follows the same weights by plain orders."""

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
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
from quantloom.backtest.preparing import RunSettings, prepare
from quantloom.backtest.result import TABLES
from quantloom.backtest.spec import BacktestSpec
from quantloom.market import Bars, Instrument
from quantloom.simulation import Slippage
from quantloom.strategy import Strategy
from tests.library.backtest.portfolio.cases import HOUR_NS, Case, by_events, make_case

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


def test_the_cases_use_every_option_that_the_core_knows() -> None:
    cases = [make_case(seed) for seed in range(SAMPLE)]
    used = Counter(tag for case in cases for tag in set(_tags(case)))

    missing = [tag for tag in _ALL_TAGS if used[tag] < 3]

    assert missing == []


_COSTS = ("open.by_money", "open.by_unit", "close.by_money", "close.by_unit", "minimum")
_TAXES = ("sell_tax", "buy_tax", "sell_levy", "transfer")
_ALL_TAGS = [
    *(f"commission.{name}" for name in (*_COSTS, *_TAXES)),
    *(f"{side} margin" for side in ("long", "short")),
    *(f"slippage.{name}" for name in ("ticks", "ratio", "impact")),
    *("no costs", "any volume", "part of the volume", "all of the volume"),
    *("of equity", "of money", "weight of nothing", "weight below zero", "weight above one"),
    *("weight left out", "one instrument", "several instruments", "late listing", "delisting"),
    *("missing bar", "bars that close apart", "no volumes", "volume of zero", "volume unknown"),
    *("stock", "future", "fx", "lot of many", "lot of a part", "multiplier"),
    *("no short sales", "tick without whole steps", "price off the tick"),
]


def _tags(case: Case) -> Iterator[str]:
    """Which options a case uses."""
    spec = prepare(Strategy, case.bars, RunSettings(**case.options)).spec
    yield from _tags_of_costs(spec)
    yield from _tags_of_weights(case)
    for instrument in spec.instruments:
        yield from _tags_of_instrument(instrument)
        yield from _tags_of_bars(case.bars[instrument.symbol], float(instrument.tick_size))
    steps = np.unique(np.concatenate([one.ts for one in case.bars.values()]))
    yield "one instrument" if len(case.bars) == 1 else "several instruments"
    if len({int(ts) % (24 * HOUR_NS) for ts in steps}) > 1:
        yield "bars that close apart"
    for bars in case.bars.values():
        if bars.ts[0] > steps[0] + 24 * HOUR_NS:
            yield "late listing"
        if bars.ts[-1] < steps[-1] - 24 * HOUR_NS:
            yield "delisting"


def _tags_of_costs(spec: BacktestSpec) -> Iterator[str]:
    scheme, slippage = spec.commission, spec.slippage
    base: Any = getattr(slippage, "base", slippage)
    charged = [name for name in (*_COSTS, *_TAXES) if attrgetter(name)(scheme)]
    told = {
        **{f"commission.{name}": True for name in charged},
        "long margin": spec.margin.long != 1,
        "short margin": spec.margin.short != 1,
        "slippage.ticks": base.ticks,
        "slippage.ratio": base.ratio,
        "slippage.impact": getattr(slippage, "impact", 0),
        "no costs": not charged and slippage == Slippage(),
        "any volume": spec.participation is None,
        "part of the volume": spec.participation is not None and spec.participation < 1,
        "all of the volume": spec.participation == 1,
    }
    yield from (tag for tag, found in told.items() if found)


def _tags_of_weights(case: Case) -> Iterator[str]:
    yield f"of {case.of}"
    told = {
        "weight of nothing": case.values == 0,
        "weight below zero": case.values < 0,
        "weight above one": (case.values > 1) & (case.of == "equity"),
        "weight left out": np.isnan(case.values),
    }
    yield from (tag for tag, found in told.items() if found.any())


def _tags_of_instrument(instrument: Instrument) -> Iterator[str]:
    yield str(instrument.kind)
    told = {
        "lot of many": instrument.lot > 1,
        "lot of a part": instrument.lot < 1,
        "multiplier": instrument.multiplier > 1,
        "no short sales": not instrument.can_short,
        "tick without whole steps": 1 % instrument.tick_size != 0,
    }
    yield from (tag for tag, found in told.items() if found)


def _tags_of_bars(bars: Bars, tick: float) -> Iterator[str]:
    steps = bars.open / tick
    told = {
        "missing bar": (np.diff(bars.ts) > 24 * HOUR_NS).any(),
        "no volumes": not (bars.volume > 0).any(),
        "volume of zero": (bars.volume == 0).any(),
        "volume unknown": np.isnan(bars.volume).any() and (bars.volume > 0).any(),
        "price off the tick": (np.abs(steps - steps.round()) > 1e-6).any(),
    }
    yield from (tag for tag, found in told.items() if found)


def test_the_ledger_agrees_with_the_core_in_nearly_all_cases(seen: Counter[object]) -> None:
    assert seen["agrees"] >= 0.97 * SAMPLE
