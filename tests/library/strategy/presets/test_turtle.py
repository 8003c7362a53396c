"""The turtle's units, their stops and the channels it enters and leaves by."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from quantloom.market import Bar
from quantloom.strategy import Context
from quantloom.strategy.presets import Turtle
from tests.library.strategy.presets.cases import run

MARKETS = [("SPY.ARCA", "1d"), ("rb-MAIN.SHFE", "1d"), ("IF-MAIN.CFFEX", "5m")]
ALL = [(*market, both) for market in MARKETS for both in (False, True)]
SECOND = {"entry": 55, "failsafe": 55, "leave": 20}


class Watched(Turtle):
    """A turtle that looks at its own orders after each bar."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        super().on_bar(ctx, bar)
        held = ctx.position.quantity
        assert abs(held) <= self.units * self.unit
        assert len(self.bought) <= self.units
        if held and not self.is_leaving:
            self.look_at_the_stop(ctx, held)
            prices = [*self.bought.values()]
            steps = [abs(after - before) for before, after in pairwise(prices)]
            assert all(step >= Decimal(str(self.add)) * self.n for step in steps)

    def look_at_the_stop(self, ctx: Context, held: Decimal) -> None:
        stop = self.protection
        assert stop is not None
        assert stop.stop is not None
        assert stop in ctx.orders()
        assert stop.ticket.quantity == abs(held)
        away = (self.last() - stop.stop) * (1 if held > 0 else -1)
        assert away <= Decimal(str(self.stop)) * self.n


class Sized(Turtle):
    """A turtle that checks how large its units are."""

    def start_anew(self, ctx: Context, symbol: str, levels: dict[bool, Decimal]) -> None:
        super().start_anew(ctx, symbol, levels)
        at_stop = Decimal(str(self.stop)) * self.n * ctx.instrument().multiplier
        money = ctx.account.equity * Decimal(str(self.risk)) / 100
        assert self.unit * at_stop <= money < (self.unit + 1) * at_stop


@pytest.mark.parametrize("participation", [None, 0.01])
@pytest.mark.parametrize(("symbol", "timeframe", "both_sides"), [*ALL, ("600519.SSE", "1d", False)])
@pytest.mark.untraced
def test_it_holds_no_more_than_its_units_and_always_has_a_near_stop(
    symbol: str, timeframe: str, participation: float | None, both_sides: bool
) -> None:
    result = run(
        Watched,
        symbol,
        timeframe=timeframe,
        participation=participation,
        parameters={"both_sides": both_sides},
    )

    assert len(result.round_trips) > 20


@pytest.mark.parametrize("parameters", [{"failsafe": 20}, SECOND])
def test_the_first_unit_is_bought_above_the_high_of_the_entry_bars(
    parameters: dict[str, int],
) -> None:
    result = run("turtle", "SPY.ARCA", parameters=parameters)

    bars, fills = result.bars, result.fills
    before = np.append(0, result.equity["quantity"][:-1])
    rows = np.searchsorted(bars.ts, fills["ts_ns"].astype(np.int64))
    first = {row: place for place, row in reversed([*enumerate(rows)]) if before[row] == 0}
    window = parameters.get("entry", 20)
    highs = [bars.high[row - window : row].max() for row in first]
    assert len(first) > 20
    assert np.all(fills["price"][list(first.values())].astype(float) > highs)


def test_a_unit_risks_its_share_of_equity_within_a_lot() -> None:
    result = run(Sized, "rb-MAIN.SHFE", parameters={"risk": 1.0, "exposure": 10})

    assert len(result.round_trips) > 20


def test_after_a_trade_that_won_it_waits_for_the_longer_breakout() -> None:
    every = run("turtle", "SPY.ARCA", parameters={"failsafe": 20})
    waits = run("turtle", "SPY.ARCA", parameters={"failsafe": 55})

    assert len(waits.round_trips) < len(every.round_trips)


def test_it_leaves_at_the_latest_below_the_low_of_the_leaving_bars() -> None:
    result = run("turtle", "SPY.ARCA")

    bars, quantity = result.bars, result.equity["quantity"]
    lows = np.array([bars.low[max(0, row - 10) : row].min() for row in range(1, len(bars))])
    is_through = np.append(False, bars.low[1:] < lows)
    assert np.count_nonzero((quantity > 0) & is_through & (np.append(0, quantity[:-1]) > 0)) == 0
