"""A group of parameter sets over a stretch of bars: lines once, codes and account for each set."""

from quantloom.backtest.sweeps.kernels.codes import (
    BANDS,
    CROSS,
    LEVELS,
    SIGNAL_LINE,
    bands,
    cross,
    levels,
    signal_line,
    trend_turn,
)
from quantloom.backtest.sweeps.kernels.lines import draw
from quantloom.backtest.sweeps.kernels.plain import AWAY, follow, follow_with_stops
from quantloom.backtest.sweeps.kernels.tables import Bars, Codes, Lines, Market, Room, Sets, Terms
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


@kernel
def advance_group(
    bars: Bars,
    market: Market,
    terms: Terms,
    lines: Lines,
    sets: Sets,
    room: Room,
    start: int,
    stop: int,
) -> None:
    """Take every set of a group through rows start to stop, block by block."""
    codes, before = room.codes, room.before
    for first in range(start, stop, len(codes)):
        end = min(first + len(codes), stop)
        draw(bars, lines, first, end)
        count = end - first
        if sets.rule == BANDS:
            before[0] = bars.close[max(first - 1, 0)]
            before[1 : count + 1] = bars.close[first:end]
        for place in range(len(sets.rows)):
            signal(lines, sets, place, before, count, codes)
            codes[: max(min(market.first - first, count), 0)] = 0
            codes[count:] = 0
            account, sums = sets.accounts[place], sets.sums[place]
            if account[AWAY] > 0:
                follow_with_stops(account, sums, market, terms, codes, room.log, first, end)
            else:
                follow(account, sums, market, terms, codes, room.words, room.log, first, end)


@kernel
def paint(log: FloatArray, close: FloatArray, unit: float, cash: float, out: FloatArray) -> None:
    """Draw equity at every close from the rows of `log`."""
    value, row = 0.0, 0
    for place in range(len(log) + 1):
        until = int(log[place, 0]) if place < len(log) else len(out)
        # Of two fills at one open the second alone is there; no fill comes at the first open.
        if until == 0:
            continue
        for at in range(row, until):
            out[at] = cash + value * close[at]
        if place < len(log):
            row, cash, value = until, log[place, 1], log[place, 2] * unit


@kernel
def signal(
    lines: Lines, sets: Sets, place: int, close: FloatArray, count: int, codes: Codes
) -> None:
    """Write the codes of one set in the present block."""
    rows, numbers, values = sets.rows[place], sets.numbers[place], lines.values
    first, second = values[rows[0]], values[rows[1]]
    both = int(numbers[2])
    if sets.rule == CROSS:
        cross(first, second, count, codes)
    elif sets.rule == BANDS:
        bands(close, first, second, numbers[0], both, count, codes)
    elif sets.rule == SIGNAL_LINE:
        signal_line(first, second, both, int(numbers[0]), count, codes)
    elif sets.rule == LEVELS:
        levels(first, numbers[0], numbers[1], both, count, codes)
    else:
        trend_turn(first, both, count, codes)
