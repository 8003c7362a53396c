"""The pairs trade: equal money on both sides, in at a far score, both legs out together."""

from collections.abc import Mapping

import numpy as np
import pytest

from quantloom.backtest import BacktestResult
from quantloom.market import Bar, Bars
from quantloom.strategy import Context
from quantloom.strategy.presets import Pairs, fit_hedge
from tests.library.strategy.presets.cases import CATALOG, FUTURES, STOCKS, bars_of, held, run

QUICK = {"window": 60, "level": 10}
PAIRS = [FUTURES[:2], FUTURES[::2], STOCKS]


def legs(result: BacktestResult) -> np.ndarray:
    return np.array([held(result, symbol) for symbol in result.spec.symbols])


def together(rows: int = 1_500, seed: int = 1) -> dict[str, Bars]:
    """Two prices that follow one walk, the spread being drawn back a tenth a bar."""
    chance = np.random.default_rng(seed)
    walk, spread = np.cumsum(chance.normal(0, 0.01, rows)) + 4, np.zeros(rows)
    for row in range(1, rows):
        spread[row] = 0.9 * spread[row - 1] + chance.normal(0, 0.01)
    ts = np.arange(rows) * 86_400_000_000_000 + 86_400_000_000_000 * 16_000
    closes = {"ONE.LOCAL": np.exp(walk + spread), "TWO.LOCAL": np.exp(walk)}
    return {
        name: Bars.of(name, "1d", ts=ts, open=one, high=one, low=one, close=one)
        for name, close in closes.items()
        for one in [np.round(close, 2)]
    }


@pytest.mark.parametrize("symbols", PAIRS)
def test_both_legs_are_equal_in_money_within_a_lot(symbols: tuple[str, ...]) -> None:
    result = run("pairs", *symbols, parameters=QUICK)

    orders = result.orders
    entries = np.flatnonzero(orders["side"] != "")[: len(orders)]
    values: dict[int, list[float]] = {}
    lots = []
    for place in entries:
        symbol = orders["symbol"][place]
        instrument, bars = CATALOG.instrument(symbol), result.data[symbol]
        row = np.searchsorted(bars.ts, orders["submitted_ns"][place], side="left") - 1
        lot = float(instrument.multiplier * instrument.lot) * bars.close[row]
        sign = 1 if orders["side"][place] == "buy" else -1
        money = sign * float(orders["quantity"][place] / instrument.lot) * lot
        values.setdefault(int(orders["submitted_ns"][place]), []).append(money)
        lots.append(lot)
    opened = list(values.values())[::2]
    assert len(opened) >= 2
    for first, second in opened:
        assert first * second < 0
        assert abs(first + second) <= max(lots)


@pytest.mark.parametrize("symbols", PAIRS)
def test_the_legs_come_and_go_together_on_opposite_sides(symbols: tuple[str, ...]) -> None:
    first, second = legs(run("pairs", *symbols, parameters=QUICK))

    assert np.all(np.sign(first) == -np.sign(second))
    assert np.count_nonzero(first) > 0
    assert np.count_nonzero(first[1:] * first[:-1] < 0) == 0


class Watched(Pairs):
    """Pairs that write down what they saw when they entered."""

    def enter(self, ctx: Context, score: float) -> None:
        assert len(self.prices) == self.window
        assert self.entry < abs(score) < self.stop
        super().enter(ctx, score)
        ctx.log(f"{score}")

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        super().on_bars(ctx, bars)
        assert self.held < self.longest + 5


def test_it_enters_where_the_pair_holds_and_the_score_is_far() -> None:
    bars = together()

    result = run(Watched, bars=bars, parameters=QUICK | {"refit": 1})

    one, two = (series.close for series in bars.values())
    ts = next(iter(bars.values())).ts
    assert len(result.log) > 5
    for when, told in result.log:
        until = int(np.searchsorted(ts, when, side="left"))
        hedge = fit_hedge(one[until - 60 : until], two[until - 60 : until])
        assert hedge.holds(10)
        assert hedge.score(one[until - 1], two[until - 1]) == pytest.approx(float(told))


def test_a_spread_that_comes_back_earns() -> None:
    result = run("pairs", bars=together(), parameters={"window": 120})

    assert len(result.round_trips) > 10
    assert result.final_equity > 20_000_000


def test_a_trade_lasts_no_longer_than_it_may() -> None:
    longest = {"longest": 3, "leave": 0.0}

    first, _ = legs(run("pairs", bars=together(), parameters=QUICK | longest))

    changes = np.flatnonzero(np.diff(np.sign(first))) + 1
    lengths = changes[1::2] - changes[: len(changes[1::2]) * 2 : 2]
    assert len(lengths) > 5
    assert lengths.max() <= 3


def test_without_its_other_leg_a_leg_is_closed() -> None:
    # Equity covers one leg of such an exposure and not two.
    parameters = QUICK | {"exposure": 0.9}

    result = run("pairs", bars=together(), parameters=parameters)

    first, second = legs(result)
    alone = (first != 0) != (second != 0)
    assert np.count_nonzero(result.orders["rule"] == "insufficient_funds") > 0
    assert np.count_nonzero(alone) > 0
    assert not np.any(alone[:-2] & alone[1:-1] & alone[2:])


def test_three_instruments_are_too_many() -> None:
    with pytest.raises(Exception, match="trades 2 instruments and the run holds 3"):
        run("pairs", *FUTURES)


def test_bars_of_one_alone_say_nothing() -> None:
    whole = {symbol: bars_of(symbol) for symbol in FUTURES[:2]}
    first, second = whole
    some = np.arange(len(whole[first])) % 7 != 3
    one = whole[first]
    holes = Bars.of(
        first,
        "1d",
        ts=one.ts[some],
        open=one.open[some],
        high=one.high[some],
        low=one.low[some],
        close=one.close[some],
        volume=one.volume[some],
    )

    result = run("pairs", bars={first: holes, second: whole[second]}, parameters=QUICK)

    common = set(holes.ts.tolist())
    sent = {int(ns) - 1 for ns in result.orders["submitted_ns"]}
    assert len(result.fills) > 0
    assert all(max(ts for ts in common if ts <= ns) for ns in sent)
