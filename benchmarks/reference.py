"""What every system must come to, computed plainly and exactly from the rules' own words."""

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


def _sums(values: list[Decimal], period: int) -> Iterator[Decimal]:
    total = ZERO
    for row, value in enumerate(values):
        total += value - (values[row - period] if row >= period else ZERO)
        yield total
