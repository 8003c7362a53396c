"""Columns of another symbol: its last bar that was over at the close of each row's own."""

import numpy as np
import pytest

from quantloom.data import DatasetNotFound
from quantloom.data.recipes import BadSetting, Dataset, UnknownColumn, run_recipe
from quantloom.kit import from_ns
from quantloom.market import Action, Bars, Factors, get_calendar, resample, with_factors
from tests.library.data.quality.builders import clean
from tests.library.data.recipes.builders import graded, make_recipe, make_source, step


def daily(symbol: str, seed: int = 1) -> Bars:
    return graded(clean(symbol, "1d", start="2021-03-01", days=60, seed=seed, price=100.0))


def beside(own: Bars, other: Bars, **told: object) -> Dataset:
    timeframe = {} if own.timeframe == other.timeframe else {"timeframe": str(other.timeframe)}
    wanted = step("other", symbol=other.symbol, of="close", **{"as": "it"}, **timeframe, **told)
    recipe = make_recipe(wanted, symbols=[own.symbol], timeframe=str(own.timeframe))
    return run_recipe(recipe, {own.symbol: own, other.symbol: other})


def test_days_of_one_market_stand_beside_each_other() -> None:
    own, index = daily("600000.SSE"), daily("000001.SZSE", seed=2)

    found = beside(own, index, periods=[1])

    assert found.features["it_close"].tolist() == index.close.tolist()
    returns = found.features["it_return_1"]
    assert np.isnan(returns[0])
    assert returns[5] == index.close[5] / index.close[4] - 1.0


def test_a_day_of_new_york_is_known_on_the_next_one_of_shanghai_and_not_the_other_way() -> None:
    shanghai, york = daily("600000.SSE"), daily("AAPL.NASDAQ", seed=2)
    # Thursday and Friday, on which both were open.
    friday = int(np.searchsorted(shanghai.ts, np.datetime64("2021-03-19", "ns").astype(np.int64)))
    at_home = int(np.searchsorted(york.ts, shanghai.ts[friday]))

    east, west = beside(shanghai, york), beside(york, shanghai)

    assert east.features["it_close"][friday] == york.close[at_home - 1]
    assert west.features["it_close"][at_home] == shanghai.close[friday]


def test_a_day_is_known_within_the_next_one_alone() -> None:
    own = graded(clean("600000.SSE", "30m", start="2021-03-01", days=10))
    index = daily("000001.SZSE", seed=2)

    found = beside(own, index).features["it_close"]

    # Eight bars of thirty minutes a day; the last one closes with the day of the index.
    assert np.isnan(found[:7]).all()
    assert found[7:15].tolist() == [index.close[0]] * 8
    assert found[15] == index.close[1]


def test_a_bar_over_a_break_is_over_behind_it() -> None:
    # 11:15 of a Chinese future lasts till 13:45, over the noon break: 03:15 to 05:45 in UTC.
    own = graded(clean("rb2110.SHFE", "5m", start="2021-03-02", days=1))
    minutes = clean("hc2110.SHFE", "5m", start="2021-03-02", days=1, seed=2)
    hours = graded(resample(minutes, "1h", get_calendar("SHFE.hc")))

    found = beside(own, hours).features["it_close"]

    opened = {f"{from_ns(int(ts)):%H:%M}": row for row, ts in enumerate(hours.ts)}
    known = {f"{from_ns(int(ts)):%H:%M}": found[row] for row, ts in enumerate(own.ts)}
    last = [known[moment] for moment in ("05:30", "05:35", "05:40")]
    expected = [hours.close[opened[moment]] for moment in ("02:00", "02:00", "03:15")]
    assert last == expected


def test_what_carries_factors_is_adjusted() -> None:
    index = daily("000001.SZSE", seed=2)
    calendar = get_calendar("cn_stock")
    split = Action(symbol=index.symbol, ex_day=index[20:].start.date(), split=2)  # type: ignore[arg-type]
    real = graded(with_factors(index, Factors.of_actions(index, [split], calendar), calendar))

    found = beside(daily("600000.SSE"), real, periods=1)

    assert found.features["it_return_1"][20] == pytest.approx(
        2 * index.close[20] / index.close[19] - 1
    )


def test_it_is_an_ingredient_read_from_its_beginning_on_and_features_may_follow() -> None:
    source = make_source()
    start = source["AA.LOCAL"][50:].start
    steps = (
        step("other", symbol="BB.LOCAL", periods=[1]),
        step("lag", of="bb_return_1", periods=2),
    )

    found = run_recipe(make_recipe(*steps, symbols=["AA.LOCAL"], start=start), source)

    assert [one.symbol for one in found.inputs] == ["AA.LOCAL", "BB.LOCAL"]
    assert found.inputs[1].rows == len(source["BB.LOCAL"])
    assert tuple(found.features) == ("bb_return_1", "bb_return_1_lag_2")
    assert np.isfinite(found.features["bb_return_1"]).all()


def test_what_cannot_be_brought_is_said() -> None:
    source = make_source()

    with pytest.raises(DatasetNotFound):
        run_recipe(make_recipe(step("other", symbol="CC.LOCAL", periods=1)), source)
    with pytest.raises(UnknownColumn, match="settle"):
        run_recipe(make_recipe(step("other", symbol="BB.LOCAL", of="settle")), source)
    with pytest.raises(BadSetting, match="and of too"):
        make_recipe(step("other", symbol="BB.LOCAL"))
