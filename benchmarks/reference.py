"""What every system must come to, computed plainly and exactly from the rules' own words."""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from benchmarks.systems.job import Columns, Outcome

ZERO = Decimal(0)


def breakout(close: list[float], threshold: float) -> Iterator[int]:
    """Give the position wanted after each close: 1 from a rise of `threshold` above the lowest
    close since the last trade to such a fall below the highest."""
    held, extreme = 0, close[0]
    for price in close:
        has_turned = (
            price < extreme * (1.0 - threshold) if held else price > extreme * (1.0 + threshold)
        )
        if has_turned:
            held, extreme = 1 - held, price
        extreme = max(extreme, price) if held else min(extreme, price)
        yield held


def cross(close: list[float], fast: int, slow: int) -> Iterator[int]:
    """Give the position wanted after each close: 1 from a crossing of the fast average above the
    slow one to the next crossing below it."""
    exact = [Decimal(repr(price)) for price in close]
    sums = zip(_sums(exact, fast), _sums(exact, slow), strict=True)
    gaps = [fast_sum * slow - slow_sum * fast for fast_sum, slow_sum in sums]
    held = 0
    for row, (before, now) in enumerate(pairwise([ZERO, *gaps])):
        if row >= slow:  # from here on both averages are whole on this bar and the one before
            held = 1 if now > 0 >= before else 0 if now < 0 <= before else held
        yield held


def settle(
    columns: Columns,
    wanted: Iterable[int],
    *,
    cash: float,
    commission: float,
    fills_at_close: bool = False,
) -> Outcome:
    """Trade to the wanted positions at the next open, or at the same close."""
    shift = 0 if fills_at_close else 1
    prices = (columns.close if fills_at_close else columns.open[1:]).tolist()
    rate, money = Decimal(repr(commission)), Decimal(repr(cash))
    last_close = Decimal(repr(columns.close.tolist()[-1]))
    trades = 0
    decided = list(wanted)[: len(columns.close) - shift]
    for (before, now), price in zip(pairwise([0, *decided]), prices, strict=True):
        if now != before:
            exact = Decimal(repr(price))
            money -= (now - before) * exact + exact * rate
            trades += before
    held = decided[-1]
    return Outcome(trades, held, float(money + held * last_close))


def rotate(
    columns: Columns,
    *,
    count: int,
    lookback: int,
    stake: int,
    cash: float,
    commission: float,
) -> Outcome:
    """Hold a stake in each of the instruments that rose most, chosen anew each month.

    Chosen after the first close of a month, traded at the next open, in whole pieces that the
    stake pays at the close.
    """
    months = columns.ts.view("datetime64[ns]").astype("datetime64[M]").tolist()
    closes, opens = columns.close.tolist(), columns.open.tolist()
    rate, money = Decimal(repr(commission)), Decimal(repr(cash))
    held, fills = [0] * len(closes[0]), 0
    for row in range(lookback, len(closes) - 1):
        if months[row] == months[row - 1]:
            continue
        now, then = closes[row], closes[row - lookback]
        rises = [price / before - 1.0 for price, before in zip(now, then, strict=True)]
        chosen = set(sorted(range(len(rises)), key=lambda place: -rises[place])[:count])
        for place, price in enumerate(opens[row + 1]):
            wanted = int(stake // Decimal(repr(now[place]))) if place in chosen else 0
            traded, exact = wanted - held[place], Decimal(repr(price))
            money -= traded * exact + abs(traded) * exact * rate
            fills += traded != 0
            held[place] = wanted
    pairs = zip(held, closes[-1], strict=True)
    worth = sum((quantity * Decimal(repr(price)) for quantity, price in pairs), ZERO)
    return Outcome(fills, sum(quantity != 0 for quantity in held), float(money + worth))


class Ambiguous(Exception):
    """Bars on which systems may rightly differ: they do not tell what a price reached first."""


def guarded(
    columns: Columns,
    *,
    threshold: float,
    loss: float,
    gain: float,
    cash: float,
    commission: float,
) -> Outcome:
    """Buy as `breakout` does; sell at a stop and a target, in cents from the close before.

    Raises:
        Ambiguous: a bar reaches stop and target, or the bar of an entry reaches one of them.
    """
    rate, money, trades = Decimal(repr(commission)), Decimal(repr(cash)), 0
    lowest, ways_out, is_held = math.inf, (0.0, 0.0), False
    prices = columns.open, columns.high, columns.low, columns.close
    for opened, high, low, close in zip(*(column.tolist() for column in prices), strict=True):
        if any(ways_out):
            stop, target = ways_out
            is_entry, is_held = not is_held, True
            is_stopped, is_met = low <= stop, high >= target
            if (is_stopped and is_met) or (is_entry and (is_stopped or is_met)):
                raise Ambiguous(opened, high, low, stop, target)
            if is_entry:
                money -= Decimal(repr(opened)) * (1 + rate)
            elif is_stopped or is_met:
                price = min(opened, stop) if is_stopped else max(opened, target)
                money += Decimal(repr(price)) * (1 - rate)
                trades, lowest, ways_out, is_held = trades + 1, math.inf, (0.0, 0.0), False
        if not any(ways_out):
            if close > lowest * (1.0 + threshold):
                ways_out = round(close * (1.0 - loss), 2), round(close * (1.0 + gain), 2)
            lowest = min(lowest, close)
    return Outcome(trades, int(is_held), float(money + is_held * Decimal(repr(close))))


def _sums(values: list[Decimal], period: int) -> Iterator[Decimal]:
    total = ZERO
    for row, value in enumerate(values):
        total += value - (values[row - period] if row >= period else ZERO)
        yield total
