"""Lines by blocks are the indicators themselves, bit by bit."""

import numpy as np
import pytest

from quantloom.backtest.sweeps.kernels import lines
from quantloom.backtest.sweeps.kernels.fused import fused
from quantloom.backtest.sweeps.kernels.tables import Bars as Columns
from quantloom.backtest.sweeps.kernels.tables import Lines
from quantloom.indicators import get_indicator
from quantloom.kit import FloatArray
from quantloom.market import Bars
from tests.library.backtest.sweeps.builders import walk

CASES = [
    (lines.AVERAGE, (2,), "SMA", (2,), ["value"]),
    (lines.AVERAGE, (30,), "SMA", (30,), ["value"]),
    (lines.AVERAGE, (400,), "SMA", (400,), ["value"]),
    (lines.DEVIATION, (2,), "STDDEV", (2,), ["value"]),
    (lines.DEVIATION, (20,), "STDDEV", (20,), ["value"]),
    (lines.DEVIATION, (150,), "STDDEV", (150,), ["value"]),
    (lines.RSI, (2,), "RSI", (2,), ["value"]),
    (lines.RSI, (14,), "RSI", (14,), ["value"]),
    (lines.RSI, (90,), "RSI", (90,), ["value"]),
    (lines.MACD, (12, 26, 9), "MACD", (12, 26, 9), ["macd", "signal"]),
    (lines.MACD, (2, 3, 2), "MACD", (2, 3, 2), ["macd", "signal"]),
    (lines.MACD, (30, 200, 40), "MACD", (30, 200, 40), ["macd", "signal"]),
    (lines.TREND, (10, 3.0), "SUPERTREND", (10, 3.0), ["trend"]),
    (lines.TREND, (2, 0.5), "SUPERTREND", (2, 0.5), ["trend"]),
    (lines.TREND, (50, 2.2), "SUPERTREND", (50, 2.2), ["trend"]),
]


@pytest.mark.parametrize("block", [64, 777, 5000])
@pytest.mark.parametrize(("kind", "periods", "name", "parameters", "outputs"), CASES)
def test_a_line_by_blocks_is_the_indicator_bit_by_bit(
    kind: int,
    periods: tuple[float, ...],
    name: str,
    parameters: tuple[float, ...],
    outputs: list[str],
    block: int,
) -> None:
    bars = walk(5000, pause=400)

    drawn = by_blocks(bars, kind, periods, block)

    wanted = get_indicator(name).bind(*parameters).compute(bars)
    for row, output in enumerate(outputs):
        assert np.array_equal(drawn[row], wanted[output], equal_nan=True)


def test_bands_are_the_middle_and_the_deviation() -> None:
    bars = walk(3000)
    middle = by_blocks(bars, lines.AVERAGE, (20,), 500)[0]
    deviation = by_blocks(bars, lines.DEVIATION, (20,), 500)[0]

    bands = get_indicator("BBANDS").bind(20, 2.5, 2.5).compute(bars)

    assert np.array_equal(middle - 2.5 * deviation, bands["lower"], equal_nan=True)
    assert np.array_equal(middle + 2.5 * deviation, bands["upper"], equal_nan=True)


def test_a_place_before_the_block_holds_the_last_value() -> None:
    bars, table = walk(200), lines_of(lines.AVERAGE, (5,), 100)
    columns = Columns(bars.high, bars.low, bars.close)
    lines.draw(columns, table, 0, 100)
    last = table.values[0, 100]

    lines.draw(columns, table, 100, 200)

    assert table.values[0, 0] == last


def test_fused_rounds_once_like_its_compiled_twin() -> None:
    # 0.1 * 10 is above 1 before it is rounded: 5.55e-17 of it is left.
    assert fused(0.1, 10.0, -1.0) == pytest.approx(5.551115123125783e-17, rel=1e-15)
    assert 0.1 * 10.0 - 1.0 == 0.0


def by_blocks(bars: Bars, kind: int, periods: tuple[float, ...], block: int) -> list[FloatArray]:
    table = lines_of(kind, periods, block)
    columns = Columns(bars.high, bars.low, bars.close)
    drawn: list[FloatArray] = [np.empty(len(bars)), np.empty(len(bars))]
    for start in range(0, len(bars), block):
        stop = min(start + block, len(bars))
        lines.draw(columns, table, start, stop)
        for row in range(2):
            drawn[row][start:stop] = table.values[row, 1 : stop - start + 1]
    return drawn


def lines_of(kind: int, periods: tuple[float, ...], block: int) -> Lines:
    padded = np.zeros((1, 3))
    padded[0, : len(periods)] = periods
    return Lines(
        kinds=np.array([kind]),
        periods=padded,
        rows=np.array([0]),
        kept=np.zeros((1, lines.STATE)),
        values=np.full((2, block + 1), np.nan),
        last=np.zeros(1, dtype=np.int64),
    )
