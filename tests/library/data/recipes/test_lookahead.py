"""Nothing in a row depends on a later row, labels apart, and those say how far they look."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quantloom.data.recipes import STEPS, Dataset, run_recipe
from quantloom.indicators import list_indicators
from quantloom.market import Action, Bars, Factors, get_calendar, with_factors
from quantloom.market.bars import FIELDS
from tests.library.data.quality.builders import clean
from tests.library.data.recipes.builders import (
    RETURNS,
    graded,
    make_recipe,
    make_source,
    picked,
    step,
)

# Each step with what it needs before it.
CASES: dict[str, list[dict[str, Any]]] = {
    "clean": [step("clean", zero_volume="drop", outside_hours="drop", largest_move=0.02)],
    "adjust": [step("adjust"), RETURNS],
    "resample": [step("resample", timeframe="4h"), RETURNS],
    "fill": [step("fill", most=2), RETURNS],
    "join": [step("join", how="inner"), RETURNS],
    "columns": [step("columns", of=["close", "turnover"], log=True)],
    "returns": [step("returns", periods=[1, 7], log=True)],
    "indicator": [step("indicator", name="RSI")],
    "calendar": [
        step("calendar", what=["weekday", "week_of_year", "days_since_last"]),
        step("calendar", what=["bar_of_day", "session", "minutes_traded"]),
    ],
    "lag": [RETURNS, step("lag", of=["return_1"], periods=[1, 5])],
    "rolling": [
        RETURNS,
        step("rolling", of=["return_1", "volume"], period=10, what=["mean", "std", "zscore"]),
        step("rolling", of="close", period=9, what=["min", "max", "rank", "skew", "sum"]),
    ],
    "cusum": [step("cusum", threshold=2, span=10)],
    "other": [step("other", symbol="BB.LOCAL", periods=[1, 3], of=["turnover"])],
    "rank": [RETURNS, step("rank", of=["return_1", "return_3"])],
    "cross_zscore": [RETURNS, step("cross_zscore", of=["return_3"])],
}
NAMES = tuple(one.name for one in list_indicators())


def with_real_factors(bars: Bars) -> Bars:
    """Bars that carry factors of a split in their middle."""
    calendar = get_calendar("24x7")
    day = bars[len(bars) // 2 :].start.date()
    action = Action(symbol=bars.symbol, ex_day=day, split=2)  # type: ignore[arg-type]
    factors = Factors.of_actions(bars, [action], calendar)
    return graded(with_factors(bars, factors, calendar))


def until(source: dict[str, Bars], cut_ns: int) -> dict[str, Bars]:
    return {
        name: graded(picked(bars, np.flatnonzero(bars.ts < cut_ns)))
        for name, bars in source.items()
    }


def demand_same_before(whole: Dataset, short: Dataset) -> None:
    for place, symbol in enumerate(short.symbols):
        rows, kept = whole.rows_of(symbol), short.rows_of(symbol)
        cut, full = short.all_bars[place], whole.all_bars[place]
        count = int(np.searchsorted(full.ts, cut.ts[-1], side="right"))
        assert np.array_equal(full.ts[:count], cut.ts)
        for name in FIELDS:
            assert_same(getattr(full, name)[:count], getattr(cut, name))
        for name, column in short.features.items():
            assert_same(whole.features[name][rows][:count], column[kept])


def assert_same(one: Any, other: Any) -> None:
    assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_there_is_a_case_for_every_step_that_sees_rows() -> None:
    inner = {name for name, kind in STEPS.items() if kind.stage not in ("labels", "split")}

    assert {*CASES} == inner - {"normalise"}


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=12)
@given(seed=st.integers(1, 10_000), share=st.floats(0.15, 0.95))
def test_a_row_is_the_same_when_the_future_is_cut_off(name: str, seed: int, share: float) -> None:
    source = make_source(seed=seed)
    if name == "adjust":
        source = {symbol: with_real_factors(bars) for symbol, bars in source.items()}
    recipe = make_recipe(*CASES[name])
    ts = source["AA.LOCAL"].ts
    cut = int(ts[0] + share * (ts[-1] - ts[0]))

    whole, short = run_recipe(recipe, source), run_recipe(recipe, until(source, cut))

    assert len(short) > 0
    demand_same_before(whole, short)


@settings(max_examples=25)
@given(name=st.sampled_from(NAMES), share=st.floats(0.3, 0.95))
@example(name="FRACTAL", share=0.5)
@example(name="SAR", share=0.5)
def test_an_indicator_is_the_same_when_the_future_is_cut_off(name: str, share: float) -> None:
    source = make_source(seed=3, holes=0.0)
    recipe = make_recipe(step("indicator", name=name))
    ts = source["AA.LOCAL"].ts

    whole = run_recipe(recipe, source)
    short = run_recipe(recipe, until(source, int(ts[int(share * len(ts))])))

    demand_same_before(whole, short)


@pytest.mark.parametrize("name", ["resample", "fill", "clean", "calendar"])
@settings(max_examples=6)
@given(share=st.floats(0.2, 0.95), seed=st.integers(1, 100))
def test_sessions_of_a_real_market_change_nothing_of_that(
    name: str, share: float, seed: int
) -> None:
    bars = clean("600000.SSE", "5m", days=6, seed=seed)
    rows = np.flatnonzero(np.random.default_rng(seed).random(len(bars)) > 0.15)
    source = {"600000.SSE": graded(picked(bars, rows))}
    steps = [step("resample", timeframe="30m"), RETURNS] if name == "resample" else CASES[name]
    recipe = make_recipe(*steps, symbols=["600000.SSE"], timeframe="5m")
    ts = source["600000.SSE"].ts

    whole = run_recipe(recipe, source)
    short = run_recipe(recipe, until(source, int(ts[int(share * len(ts))])))

    demand_same_before(whole, short)


@pytest.mark.parametrize(
    "label",
    [
        step("forward_return", bars=5),
        step("forward_return", bars=3, entry="next_open", log=True),
        step("triple_barrier", bars=8, span=20),
        step("triple_barrier", bars=8, span=20, touch="range", side="return_1"),
    ],
    ids=["close", "next_open", "barrier", "side"],
)
@settings(max_examples=12)
@given(seed=st.integers(1, 10_000), share=st.floats(0.3, 0.95))
def test_a_label_needs_no_row_after_the_one_it_names(
    label: dict[str, Any], seed: int, share: float
) -> None:
    source, recipe = make_source(seed=seed), make_recipe(RETURNS, label)
    ts = source["AA.LOCAL"].ts
    cut = int(ts[0] + share * (ts[-1] - ts[0]))

    whole, short = run_recipe(recipe, source), run_recipe(recipe, until(source, cut))

    for name, found in whole.labels.items():
        for symbol in whole.symbols:
            rows, kept = whole.rows_of(symbol), short.rows_of(symbol)
            count = kept.stop - kept.start
            known = found.known[rows][:count] - rows.start
            is_known = (known >= 0) & (known < count)
            cut_known = short.labels[name].known[kept]
            assert_same(cut_known[is_known] - kept.start, known[is_known])
            assert (cut_known[~is_known] == -1).all()
            assert_same(
                short.labels[name].values[kept][is_known], found.values[rows][:count][is_known]
            )


@pytest.mark.parametrize("name", ["return_1", "close"])
def test_a_step_that_looked_ahead_would_be_found(name: str) -> None:
    source, recipe = make_source(), make_recipe(RETURNS)
    ts = source["AA.LOCAL"].ts
    whole = run_recipe(recipe, source)
    short = run_recipe(recipe, until(source, int(ts[150])))
    if name == "close":
        ahead = [replace(bars, close=np.roll(bars.close, -1)) for bars in short.all_bars]
        short = replace(short, all_bars=tuple(ahead))
    else:
        ahead_of = {"return_1": np.roll(short.features["return_1"], -1)}
        short = replace(short, features={**short.features, **ahead_of})

    with pytest.raises(AssertionError):
        demand_same_before(whole, short)
