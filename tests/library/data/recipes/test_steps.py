"""What each step makes, against sums that anybody can follow."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from quantloom.data.quality import UnknownTreatment
from quantloom.data.recipes import BadSetting, Recipe, run_recipe
from quantloom.data.recipes.across import ranks, zscores
from quantloom.indicators import get_indicator
from quantloom.market import FILLED, Action, adjust, get_calendar, resample
from tests.library.data.quality.builders import clean
from tests.library.data.recipes.builders import (
    RETURNS,
    graded,
    make_bars,
    make_dataset,
    make_recipe,
    make_source,
    picked,
    step,
)


def test_returns_are_those_of_each_symbol_alone() -> None:
    dataset, source = make_dataset(step("returns", periods=3)), make_source()

    for name, bars in source.items():
        found = dataset.features["return_3"][dataset.rows_of(name)]
        assert np.isnan(found[:3]).all()
        assert found[3:] == pytest.approx(bars.close[3:] / bars.close[:-3] - 1)


def test_an_indicator_is_that_of_the_catalog() -> None:
    told = step("indicator", name="BBANDS", parameters={"period": 10}, outputs=["upper"])
    dataset = make_dataset(told | {"as": "band"}, step("indicator", name="SMA", of="volume"))

    for name, bars in make_source().items():
        rows = dataset.rows_of(name)
        wanted = get_indicator("BBANDS").bind(period=10).compute(bars)["upper"]
        assert dataset.features["band_upper"][rows].tobytes() == wanted.tobytes()
        (mean,) = get_indicator("SMA").bind().compute_arrays(bars.volume).values()
        (column,) = (one for key, one in dataset.features.items() if key.endswith("_volume"))
        assert column[rows].tobytes() == mean.tobytes()


def test_lags_and_rolling_are_of_what_was_made_before() -> None:
    dataset = make_dataset(
        RETURNS,
        step("lag", of="return_1", periods=2),
        step("rolling", of="return_1", period=5, what=["mean", "max"]),
    )

    rows = dataset.rows_of("BB.LOCAL")
    returns, lagged = (dataset.features[name][rows] for name in ("return_1", "return_1_lag_2"))
    assert lagged[2:].tobytes() == returns[:-2].tobytes()
    means, most = (dataset.features[f"return_1_{what}_5"][rows] for what in ("mean", "max"))
    assert means[50] == pytest.approx(returns[46:51].mean())
    assert most[50] == returns[46:51].max()


@settings(max_examples=40)
@given(
    values=st.lists(st.integers(-3, 3), min_size=1, max_size=30),
    seed=st.integers(0, 1_000),
)
def test_ranks_and_deviations_are_those_of_each_group(values: list[int], seed: int) -> None:
    column = np.array(values, dtype=np.float64)
    group = np.random.default_rng(seed).integers(0, 4, len(column))

    placed, scaled = ranks(column, group, 4), zscores(column, group, 4)

    for one in np.unique(group):
        own = column[group == one]
        others = len(own) - 1
        wanted = (stats.rankdata(own) - 1) / others if others else np.array([0.5])
        assert placed[group == one] == pytest.approx(wanted)
        spread = own.std()
        deviations = (own - own.mean()) / spread if spread > 1e-9 else np.zeros(len(own))
        assert scaled[group == one] == pytest.approx(deviations, abs=1e-9)


def test_too_few_symbols_of_a_time_are_not_compared() -> None:
    dataset = make_dataset(RETURNS, step("rank", of="return_1"))

    ts, counts = np.unique(dataset.ts, return_counts=True)
    alone = np.isin(dataset.ts, ts[counts < 2])
    found = dataset.features["return_1_rank"]
    assert alone.any()
    assert np.isnan(found[alone]).all()
    assert {*np.unique(found[~np.isnan(found)]).tolist()} <= {0.0, 0.5, 1.0}


def test_the_calendar_tells_trading_days_and_sessions() -> None:
    bars = graded(clean("600000.SSE", "5m", days=3))
    recipe = make_recipe(
        step("calendar", what=["weekday", "session", "minutes_traded", "bar_of_day"]),
        symbols=["600000.SSE"],
        timeframe="5m",
    )

    found = run_recipe(recipe, {"600000.SSE": bars}).features

    assert found["weekday"][:48].tolist() == [0.0] * 48
    assert found["session"][:48].tolist() == [0.0] * 24 + [1.0] * 24
    assert found["minutes_traded"][:48].tolist() == [5.0 * place for place in range(48)]
    assert found["bar_of_day"][48:50].tolist() == [0.0, 1.0]


def test_a_night_session_belongs_to_the_next_trading_day() -> None:
    bars = graded(clean("rb2105.SHFE", "15m", days=4))
    recipe = make_recipe(
        step("calendar", what=["weekday", "session"]), symbols=["rb2105.SHFE"], timeframe="15m"
    )

    found = run_recipe(recipe, {"rb2105.SHFE": bars}).features

    days = get_calendar("SHFE.rb").trading_day(bars.ts)
    assert found["weekday"].tolist() == [float(day.item().weekday()) for day in days]
    is_evening = (bars.ts // 3_600_000_000_000) % 24 >= 13
    assert is_evening.any()
    assert (found["session"][is_evening] == 0).all()


def test_parts_of_a_day_are_not_asked_of_days() -> None:
    recipe = make_recipe(step("calendar", what="session"), symbols=["600000.SSE"], timeframe="1d")

    with pytest.raises(BadSetting, match="session, which 1d bars lack"):
        run_recipe(recipe, {"600000.SSE": make_bars("600000.SSE", 20, timeframe="1d")})


def test_cleaning_leaves_out_what_it_is_told_to() -> None:
    source = make_source()
    dropped = run_recipe(make_recipe(step("clean", zero_volume="drop"), RETURNS), source)
    unknown = run_recipe(make_recipe(step("clean", zero_volume="unknown"), RETURNS), source)

    for name, bars in source.items():
        assert (dropped.bars(name).volume > 0).all()
        assert len(dropped.bars(name)) == int((bars.volume > 0).sum())
        assert np.isnan(unknown.bars(name).volume).sum() == int((bars.volume == 0).sum())


def test_a_far_price_is_left_out_and_those_after_it_stay() -> None:
    bars = make_bars(count=50, holes=0.0)
    factor = np.where(np.arange(50) == 20, 3.0, 1.0)
    spiked = type(bars).of(
        bars.symbol,
        "1h",
        ts=bars.ts,
        open=bars.open * factor,
        high=bars.high * factor,
        low=bars.low * factor,
        close=bars.close * factor,
        volume=bars.volume,
    )
    recipe = make_recipe(step("clean", largest_move=0.5), RETURNS, symbols=["AA.LOCAL"])

    found = run_recipe(recipe, {"AA.LOCAL": graded(spiked)}).bars("AA.LOCAL")

    assert found.ts.tolist() == np.delete(bars.ts, 20).tolist()


def test_prices_are_adjusted_by_the_actions_of_a_file(tmp_path: Path) -> None:
    bars = make_bars(count=40, timeframe="1d", holes=0.0)
    (tmp_path / "actions.csv").write_text(
        f"symbol,ex_day,split\nAA.LOCAL,{bars[20:].start:%Y-%m-%d},2\n", encoding="utf-8"
    )
    told = {
        "name": "tried",
        "version": 1,
        "data": {"symbols": ["AA.LOCAL"], "timeframe": "1d"},
        "steps": [step("adjust", actions="actions.csv"), RETURNS],
    }

    found = run_recipe(Recipe.of(told, folder=tmp_path), {"AA.LOCAL": bars}).bars("AA.LOCAL")

    action = Action(symbol="AA.LOCAL", ex_day=bars[20:].start.date(), split=Decimal(2))
    wanted = adjust(bars, [action], get_calendar("24x7"))
    assert found.close == pytest.approx(wanted.close)
    assert found.close[20] == pytest.approx(2 * bars.close[20])


def test_adjusting_without_factors_is_refused_or_left_out() -> None:
    with pytest.raises(BadSetting, match="carry no factors"):
        make_dataset(step("adjust"), RETURNS)

    kept = make_dataset(step("adjust", missing="keep"), RETURNS)
    assert kept.bars("AA.LOCAL").close.tolist() == make_source()["AA.LOCAL"].close.tolist()


def test_bigger_bars_are_those_of_resample_but_for_one_that_is_not_over() -> None:
    bars = graded(make_bars(count=42, holes=0.0))
    recipe = make_recipe(step("resample", timeframe="4h"), RETURNS, symbols=["AA.LOCAL"])

    found = run_recipe(recipe, {"AA.LOCAL": bars}).bars("AA.LOCAL")

    wanted = resample(bars, "4h", get_calendar("24x7"))
    assert (len(wanted), len(found)) == (11, 10)
    assert found.close.tolist() == wanted.close[:10].tolist()


def test_holes_are_filled_from_their_beginning_and_never_by_zero() -> None:
    whole = make_bars(count=30, holes=0.0)
    rows = np.delete(np.arange(30), [5, 10, 11, 12, 13, 14])
    source = {"AA.LOCAL": graded(picked(whole, rows))}
    recipe = make_recipe(step("fill", most=2), RETURNS, symbols=["AA.LOCAL"])

    found = run_recipe(recipe, source).bars("AA.LOCAL")

    made = found.extras[FILLED] == 1
    assert found.ts[made].tolist() == whole.ts[[5, 10, 11]].tolist()
    assert found.close[made].tolist() == whole.close[[4, 9, 9]].tolist()
    assert (found.open > 0).all()


def test_joining_keeps_the_times_that_all_have() -> None:
    inner, outer = (make_dataset(step("join", how=how), RETURNS) for how in ("inner", "outer"))

    one, other = (bars.ts for bars in make_source().values())
    common = np.intersect1d(one, other).tolist()
    assert [bars.ts.tolist() for bars in inner.all_bars] == [common, common]
    assert len(outer) == len(one) + len(other)


def test_columns_may_be_taken_as_logarithms() -> None:
    dataset = make_dataset(step("columns", of=["turnover", "close"], log=True))

    bars = make_source()["AA.LOCAL"]
    found = dataset.features["log_turnover"][dataset.rows_of("AA.LOCAL")]
    is_traded = bars.volume > 0
    assert np.isnan(found[~is_traded]).all()
    assert found[is_traded] == pytest.approx(np.log(bars.extras["turnover"][is_traded]))


def test_repairs_that_know_the_future_need_to_be_asked_for_as_such() -> None:
    with pytest.raises(BadSetting, match="hindsight = true"):
        make_recipe(step("clean", repair={"outliers": "drop"}), RETURNS)
    with pytest.raises(UnknownTreatment):
        make_recipe(step("clean", repair={"outlier": "drop"}), RETURNS)

    told = step("clean", repair={"zero_volume": "unknown"}, hindsight=True)
    dataset = make_dataset(told, RETURNS)

    for name, bars in make_source().items():
        assert np.isnan(dataset.bars(name).volume).sum() == int((bars.volume == 0).sum())
    assert dataset.recipe.plain()["steps"][0]["hindsight"] is True
