"""MACD, RSI, Bollinger and Supertrend trade on the bars where plain numpy says so."""

import numpy as np
import pytest

from quantloom.kit import BoolArray, FloatArray, IntArray
from tests.library.strategy.presets.cases import average, bars_of, crossings, rows_of_fills, run

# By then an average started otherwise has forgotten how it began.
WARM = 300


def rsi_of(close: FloatArray, period: int) -> FloatArray:
    moves = np.diff(close)
    gains, losses = np.maximum(moves, 0), np.maximum(-moves, 0)
    out = np.full(len(close), np.nan)
    gain, loss = gains[:period].mean(), losses[:period].mean()
    for row in range(period, len(close)):
        if row > period:
            gain = (gain * (period - 1) + gains[row - 1]) / period
            loss = (loss * (period - 1) + losses[row - 1]) / period
        out[row] = 100 * gain / (gain + loss)
    return out


def bands_of(close: FloatArray, period: int, width: float) -> tuple[FloatArray, ...]:
    windows = np.lib.stride_tricks.sliding_window_view(close, period)
    blank = np.full(period - 1, np.nan)
    middle = np.append(blank, windows.mean(axis=1))
    away = width * np.append(blank, windows.std(axis=1))
    return middle - away, middle, middle + away


def trade(enter: IntArray, is_out: BoolArray) -> tuple[list[int], list[int]]:
    """The bars on which a long-only rule buys and sells, each one bar after its signal."""
    bought: list[int] = []
    sold: list[int] = []
    wanted = set(enter.tolist())
    for row in range(len(is_out) - 1):
        is_long = len(bought) > len(sold)
        if is_long and is_out[row]:
            sold.append(row + 1)
        elif not is_long and row in wanted:
            bought.append(row + 1)
    return bought, sold


@pytest.mark.parametrize("symbol", ["SPY.ARCA", "rb-MAIN.SHFE", "600519.SSE"])
def test_macd_buys_where_the_lines_cross_and_sells_where_they_cross_back(symbol: str) -> None:
    close = bars_of(symbol).close
    macd = average(close, 12) - average(close, 26)
    up, down = crossings(macd, average(macd, 9))

    result = run("macd", symbol)

    bought, sold = rows_of_fills(result, "buy"), rows_of_fills(result, "sell")
    last = len(close) - 1
    assert bought[bought > WARM].tolist() == (up[(up >= WARM) & (up < last)] + 1).tolist()
    assert sold[sold > WARM].tolist() == (down[(down >= WARM) & (down < last)] + 1).tolist()


def test_macd_with_both_sides_turns_from_one_to_the_other_at_each_crossing() -> None:
    result = run("macd", "rb-MAIN.SHFE", parameters={"both_sides": True})

    quantity = result.equity["quantity"]
    assert np.all(quantity[np.flatnonzero(quantity)[0] :] != 0)


def test_macd_with_the_trend_buys_above_zero_alone() -> None:
    close = bars_of("SPY.ARCA").close
    macd = average(close, 12) - average(close, 26)

    result = run("macd", "SPY.ARCA", parameters={"only_with_trend": True})

    bought = rows_of_fills(result, "buy")
    bought = bought[bought > WARM]
    assert len(bought) > 10
    assert np.all(macd[bought - 1] > 0)


@pytest.mark.parametrize("symbol", ["SPY.ARCA", "m-MAIN.DCE"])
def test_rsi_buys_where_it_comes_back_and_sells_where_it_is_high(symbol: str) -> None:
    rsi = rsi_of(bars_of(symbol).close, 14)
    bought, sold = trade(crossings(rsi, 30.0)[0], rsi > 70)

    result = run("rsi", symbol, parameters={"stop": 0.0})

    assert rows_of_fills(result, "buy").tolist() == bought
    assert rows_of_fills(result, "sell").tolist() == sold
    assert len(bought) >= 3


def test_an_rsi_position_has_its_stop_from_the_first_moment() -> None:
    result = run("rsi", "SPY.ARCA", parameters={"stop": 3.0})

    orders = result.orders
    stops = orders["role"] == "stop_loss"
    trips = result.round_trips
    stopped = trips["exit"] == "stop_loss"
    lost = 1 - trips["exit_price"][stopped].astype(float) / trips["entry_price"][stopped].astype(
        float
    )
    assert np.count_nonzero(stops) == np.count_nonzero(orders["side"] == "buy") > 10
    assert np.count_nonzero(stopped) > 3
    # No gap of these days went further than that past a stop.
    assert np.all((lost >= 0.0299) & (lost < 0.07))


@pytest.mark.parametrize("symbol", ["SPY.ARCA", "TA-MAIN.CZCE"])
def test_bollinger_buys_below_the_lower_band_and_sells_above_the_middle(symbol: str) -> None:
    close = bars_of(symbol).close
    lower, middle, _ = bands_of(close, 20, 2.0)
    bought, sold = trade(crossings(close, lower)[1], close > middle)

    result = run("bollinger", symbol)

    assert rows_of_fills(result, "buy").tolist() == bought
    assert rows_of_fills(result, "sell").tolist() == sold
    assert len(bought) > 10


def test_supertrend_is_long_while_closes_are_above_its_stop() -> None:
    bars = bars_of("SPY.ARCA")
    before = np.append(bars.close[0], bars.close[:-1])
    true_range = np.maximum(bars.high, before) - np.minimum(bars.low, before)
    # Wilder's average of 10 bars is the exponential one of 19.
    away, middle = 3 * average(true_range, 19), (bars.high + bars.low) / 2
    upper, lower, is_up = middle + away, middle - away, np.ones(len(bars), dtype=bool)
    for row in range(1, len(bars)):
        if before[row] <= upper[row - 1]:
            upper[row] = min(upper[row], upper[row - 1])
        if before[row] >= lower[row - 1]:
            lower[row] = max(lower[row], lower[row - 1])
        passed = lower[row] if is_up[row - 1] else upper[row]
        is_up[row] = bars.close[row] >= passed if is_up[row - 1] else bars.close[row] > passed

    held = run("supertrend", "SPY.ARCA").equity["quantity"] > 0

    assert held[WARM:].tolist() == is_up[WARM - 1 : -1].tolist()
    assert 0 < np.count_nonzero(held[WARM:]) < len(held) - WARM
