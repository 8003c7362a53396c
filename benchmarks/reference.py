"""What every system must come to, computed plainly and exactly from the rules' own words."""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

import numpy as np

from benchmarks.systems.job import Columns, Outcome, TickColumns

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


def turn(columns: TickColumns, *, every: int, cash: float) -> Outcome:
    """Buy one at the first quote after so many ticks, sell it after as many more, and so on."""
    count, following, is_long, trades = 0, every, False, 0
    rows = zip(columns.kind.tolist(), columns.bid.tolist(), columns.ask.tolist(), strict=True)
    for kind, bid, ask in rows:
        count += 1
        if count < following or kind != 1:
            continue
        following = count + every
        cash += bid if is_long else -ask
        trades += is_long
        is_long = not is_long
    return Outcome(trades, int(is_long), cash + is_long * _last_price(columns))


def make(
    columns: TickColumns, *, wait_ns: float, away: float, latency_ms: float, cash: float
) -> Outcome:
    """The maker of the tick rows, its one order followed by hand through queue and latency."""
    latency = round(latency_ms * 1e6)
    maker = _Maker(columns, latency, cash)
    following = 0.0
    for row, ts in enumerate(columns.ts.tolist()):
        now = ts + latency
        maker.go_to(now)
        # In floats, as all systems compare: 256 ns are one step at such times.
        if now % 2 == 1 or float(now) < following:
            continue
        following = now + wait_ns
        maker.decide(row, now, away)
    maker.hear_the_last()
    held = int(maker.held)
    return Outcome(maker.sold, held, maker.cash + held * _last_price(columns))


class _Maker:
    """One order at a time: sent, arrived, filled or cancelled, and heard of a latency later."""

    def __init__(self, columns: TickColumns, latency: int, cash: float) -> None:
        self.columns, self.latency, self.cash = columns, latency, cash
        self.held, self.sold, self.row = False, 0, -1
        self.price = math.nan
        self.is_out = self.is_there = self.is_leaving = False
        self.arrives = self.leaves = self.heard = math.inf
        self.ahead = math.inf
        self.was_filled = False

    def decide(self, row: int, now: int, away: float) -> None:
        best = (self.columns.ask if self.held else self.columns.bid).item(row)
        if self.is_out:
            if abs(self.price - best) > away and not self.is_leaving:
                self.leaves, self.is_leaving = now + self.latency, True
            return
        self.price, self.is_out, self.arrives = best, True, now + self.latency

    def go_to(self, until: int) -> None:
        """Let pass what happens up to a time, in order: rows, arrivals, news."""
        ts = self.columns.ts
        while True:
            row = self.row + 1
            happens = ts.item(row) if row < len(ts) else math.inf
            soonest = min(happens, self.arrives, self.leaves, self.heard)
            if soonest > until:
                return
            if happens == soonest:
                self.row = row
                self._happen(row)
            elif self.arrives == soonest:
                self._arrive()
            elif self.leaves == soonest:
                self._leave()
            else:
                self._hear()

    def hear_the_last(self) -> None:
        """Hear what was on its way when the data ended."""
        if math.isfinite(self.heard):
            self._hear()

    def _arrive(self) -> None:
        at, self.arrives = self.arrives, math.inf
        self.is_there = True
        best, other = self._best(self.row)
        if self._gains(other) >= 0:
            self._fill(at, other)
        elif self._gains(best) > 0:
            self.ahead = 0.0
        else:
            self.ahead = self._shown(self.row) if self.price == best else math.inf

    def _leave(self) -> None:
        at, self.leaves = self.leaves, math.inf
        if self.is_there:
            self.is_there, self.was_filled, self.heard = False, False, at + self.latency

    def _hear(self) -> None:
        self.heard = math.inf
        if self.was_filled:
            self.sold += self.held
            self.held = not self.held
        self.is_out = self.is_leaving = False
        self.leaves = math.inf

    def _fill(self, at: float, price: float) -> None:
        self.cash += price if self.held else -price
        self.is_there, self.was_filled, self.heard = False, True, at + self.latency

    def _happen(self, row: int) -> None:
        if not self.is_there:
            return
        columns, at = self.columns, self.columns.ts.item(row)
        if columns.kind.item(row) == 2:
            if columns.side.item(row) == (1 if self.held else -1):
                self._trade(columns.price.item(row), columns.size.item(row), at)
            return
        best, other = self._best(row)
        if self._gains(other) >= 0:
            self._fill(at, self.price)
        elif self._gains(best) > 0:
            self.ahead = 0.0
        elif self.price == best:
            self.ahead = min(self.ahead, self._shown(row))

    def _trade(self, price: float, size: float, at: int) -> None:
        if self._gains(price) > 0:
            self._fill(at, self.price)
        elif price == self.price:
            if size > self.ahead:
                self._fill(at, self.price)
            self.ahead = max(self.ahead - size, 0.0)

    def _best(self, row: int) -> tuple[float, float]:
        """The best price of the order's side, and of the other."""
        bid, ask = self.columns.bid.item(row), self.columns.ask.item(row)
        return (ask, bid) if self.held else (bid, ask)

    def _shown(self, row: int) -> float:
        return (self.columns.ask_size if self.held else self.columns.bid_size).item(row)

    def _gains(self, price: float) -> float:
        """By how much the order is better than a price, or the price better for the order."""
        return price - self.price if self.held else self.price - price


def _last_price(columns: TickColumns) -> float:
    return float(columns.price[np.isfinite(columns.price)][-1])
