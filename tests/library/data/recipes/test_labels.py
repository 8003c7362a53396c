"""Labels against loops that anybody can read."""

from math import isnan, nan, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data.recipes import run_recipe
from quantloom.data.recipes.kernels.barriers import deviations, first_touch
from quantloom.data.recipes.kernels.cusum import crossings
from quantloom.market import Bars
from tests.library.data.recipes.builders import make_bars, make_recipe, make_source, step


def deviation_so_far(closes: list[float], span: int) -> float:
    """As the formula of an exponentially weighted, unbiased deviation has it, in one sum."""
    returns = np.diff(np.log(closes))
    weights = (1 - 2 / (span + 1)) ** np.arange(len(returns))[::-1]
    if len(returns) < 2:
        return nan
    mean = float((weights * returns).sum() / weights.sum())
    squares = float((weights * (returns - mean) ** 2).sum())
    total = float(weights.sum())
    return sqrt(squares * total / (total**2 - float((weights**2).sum())))


def plain_barrier(
    bars: Bars, row: int, *, up: float, down: float, limit: int, span: int, touch: str, side: int
) -> tuple[float, int]:
    spread = deviation_so_far(bars.close[: row + 1].tolist(), span)
    start = float(bars.close[row])
    if not side or isnan(spread) or spread == 0:
        return nan, -1
    profit = start + side * start * spread * up
    loss = start - side * start * spread * down
    for ahead in range(row + 1, min(row + limit, len(bars) - 1) + 1):
        best = worst = float(bars.close[ahead])
        if touch == "range":
            best, worst = float(bars.high[ahead]), float(bars.low[ahead])
            if side < 0:
                best, worst = worst, best
        if down and side * (worst - loss) <= 0:
            return -1.0, ahead
        if up and side * (best - profit) >= 0:
            return 1.0, ahead
    return (0.0, row + limit) if row + limit < len(bars) else (nan, -1)


@settings(max_examples=25)
@given(
    seed=st.integers(1, 10_000),
    up=st.sampled_from([0.0, 0.5, 1.0, 2.5]),
    down=st.sampled_from([0.0, 0.7, 1.0, 3.0]),
    limit=st.integers(1, 25),
    touch=st.sampled_from(["close", "range"]),
)
def test_a_triple_barrier_is_what_a_plain_loop_finds(
    seed: int, up: float, down: float, limit: int, touch: str
) -> None:
    bars = make_bars(count=80, seed=seed)
    recipe = make_recipe(
        step("triple_barrier", bars=limit, up=up, down=down, span=15, touch=touch),
        symbols=["AA.LOCAL"],
    )

    found = run_recipe(recipe, {"AA.LOCAL": bars}).labels["barrier"]

    for row in range(len(bars)):
        told, at = plain_barrier(
            bars, row, up=up, down=down, limit=limit, span=15, touch=touch, side=1
        )
        assert found.known[row] == at
        assert found.values[row] == told or (isnan(told) and isnan(found.values[row]))


@settings(max_examples=15)
@given(seed=st.integers(1, 10_000), touch=st.sampled_from(["close", "range"]))
def test_a_label_with_sides_says_whether_the_bet_gains(seed: int, touch: str) -> None:
    bars = make_bars(count=80, seed=seed)
    recipe = make_recipe(
        step("returns", periods=2),
        step("triple_barrier", bars=9, up=1.5, down=1.0, span=15, touch=touch, side="return_2"),
        symbols=["AA.LOCAL"],
    )

    dataset = run_recipe(recipe, {"AA.LOCAL": bars})

    sides = np.nan_to_num(np.sign(dataset.features["return_2"]))
    label, gain = dataset.labels["barrier"], dataset.labels["barrier_return"]
    for row, side in enumerate(sides.astype(int).tolist()):
        _, at = plain_barrier(bars, row, up=1.5, down=1.0, limit=9, span=15, touch=touch, side=side)
        assert label.known[row] == at
        if at >= 0:
            change = side * (bars.close[at] / bars.close[row] - 1)
            assert gain.values[row] == pytest.approx(change)
            assert label.values[row] == float(change > 0)
        else:
            assert isnan(label.values[row])


def test_time_that_is_up_may_be_told_by_its_sign() -> None:
    bars = make_bars(count=60)
    told = step("triple_barrier", bars=3, up=0.0, down=0.0, span=10, time_up="sign")

    labels = run_recipe(make_recipe(told, symbols=["AA.LOCAL"]), {"AA.LOCAL": bars}).labels

    known = labels["barrier"].known
    rows = np.flatnonzero(known >= 0)
    assert (known[rows] == rows + 3).all()
    assert (
        labels["barrier"].values[rows] == np.sign(bars.close[rows + 3] - bars.close[rows])
    ).all()


def test_the_deviation_is_that_of_pandas() -> None:
    returns = np.random.default_rng(4).standard_normal(200)

    wanted = pd.Series(returns).ewm(span=30).std().to_numpy()

    assert deviations(returns, 30.0) == pytest.approx(wanted, nan_ok=True)


def test_kernels_do_what_their_python_does() -> None:
    bars = make_bars(count=120)
    returns = np.append(np.nan, np.diff(np.log(bars.close)))
    spread = deviations(returns, 20.0)
    barriers = (bars.close * (1 + spread), bars.close * (1 - spread))

    assert deviations.py_func(returns, 20.0).tobytes() == spread.tobytes()  # type: ignore[attr-defined]
    given_ = (bars.close, bars.high, bars.low, *barriers, 10)
    for one, other in zip(
        first_touch(*given_),
        first_touch.py_func(*given_),  # type: ignore[attr-defined]
        strict=True,
    ):
        assert (one == other).all()


@pytest.mark.parametrize("entry", ["close", "next_open"])
@pytest.mark.parametrize("is_log", [False, True])
def test_a_forward_return_is_that_of_the_bars_ahead(entry: str, is_log: bool) -> None:
    bars = make_bars(count=40)
    told = step("forward_return", bars=4, entry=entry, log=is_log, **{"as": "y"})

    label = run_recipe(make_recipe(told, symbols=["AA.LOCAL"]), {"AA.LOCAL": bars}).labels["y"]

    for row in range(len(bars)):
        if row + 4 >= len(bars):
            assert isnan(label.values[row])
            assert label.known[row] == -1
            continue
        start = bars.close[row] if entry == "close" else bars.open[row + 1]
        ratio = bars.close[row + 4] / start
        assert label.values[row] == pytest.approx(np.log(ratio) if is_log else ratio - 1)
        assert label.known[row] == row + 4


def test_sums_of_returns_that_cross_begin_anew() -> None:
    returns = np.array([nan, 0.4, 0.4, 0.4, -0.5, nan, -0.6, -0.1, 0.9, 0.3])
    limit = np.array([1.0, 1.0, nan, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])

    found = crossings(returns, limit)

    # 0.4 + 0.4 (one passed over) stays below; -0.5 - 0.6 is beyond; 0.9 + 0.3 as well.
    assert found.tolist() == [0, 0, 0, 0, 0, 0, -1, 0, 0, 1]
    plain = crossings.py_func  # type: ignore[attr-defined]
    assert plain(returns, limit).tolist() == found.tolist()


def test_labels_are_given_at_events_alone() -> None:
    steps = [step("cusum", threshold=2, span=20), step("columns", of="close")]
    ends = [step("forward_return", bars=3), step("triple_barrier", bars=5, span=20)]
    marked = [one | {"events": "cusum"} for one in ends]

    every, some = (
        run_recipe(make_recipe(*steps, *these), make_source()) for these in (ends, marked)
    )

    is_event = some.features["cusum"] != 0
    assert 0.05 < is_event.mean() < 0.5
    assert {*np.unique(some.features["cusum"])} == {-1.0, 0.0, 1.0}
    for name, label in some.labels.items():
        assert np.array_equal(
            label.values[is_event], every.labels[name].values[is_event], equal_nan=True
        )
        assert np.isnan(label.values[~is_event]).all()
        assert (label.known[~is_event] == -1).all()
