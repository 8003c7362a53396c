"""The grid buys below its middle, sells each purchase a level higher, and has a bottom."""

import numpy as np
import pytest

from quantloom.strategy import Context, FixedSize
from quantloom.strategy.presets import Grid
from quantloom.trading import Fill, Side
from tests.library.strategy.presets.cases import run

MARKETS = [("SPY.ARCA", "1d"), ("rb-MAIN.SHFE", "1d"), ("rb-MAIN.SHFE", "5m")]
ALL = [(*market, both) for market in MARKETS for both in (False, True)]


class Watched(Grid):
    """A grid that checks itself after each fill."""

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        assert abs(ctx.position.quantity) <= self.levels * self.unit
        assert self.both_sides or ctx.position.quantity >= 0
        if fill.cause == "limit" and fill.side is Side.BUY:
            assert fill.price < self.middle
        if fill.cause == "limit" and fill.side is Side.SELL:
            assert fill.price > self.middle


@pytest.mark.parametrize(("symbol", "timeframe", "both_sides"), [*ALL, ("600519.SSE", "1d", False)])
@pytest.mark.untraced
def test_it_opens_on_its_own_side_of_the_middle_and_within_its_levels(
    symbol: str, timeframe: str, both_sides: bool
) -> None:
    result = run(Watched, symbol, timeframe=timeframe, parameters={"both_sides": both_sides})

    assert len(result.round_trips) > 15


@pytest.mark.parametrize(("symbol", "timeframe"), MARKETS)
@pytest.mark.untraced
def test_each_purchase_is_sold_a_level_higher_or_at_the_bottom(symbol: str, timeframe: str) -> None:
    result = run("grid", symbol, timeframe=timeframe, parameters={"levels": 4, "step": 1.5})

    orders = result.orders
    entry, stop, target = (orders["role"] == role for role in ("entry", "stop_loss", "take_profit"))
    bought, sold = orders["price"][entry].astype(float), orders["price"][target].astype(float)
    gaps = sold - bought
    # A level is 1.5 percent of the middle, rounded up to the tick; the middle is above them all.
    assert np.all(gaps >= 0.015 * bought)
    assert np.all(orders["stop"][stop].astype(float) < bought)
    filled = result.fills
    assert set(filled["cause"][filled["side"] == "sell"].tolist()) <= {"take_profit", "stop_loss"}
    assert set(filled["cause"][filled["side"] == "buy"].tolist()) == {"limit"}
    assert np.count_nonzero(filled["cause"] == "take_profit") > 5


def test_every_unit_waits_with_a_target_and_a_stop() -> None:
    result = run("grid", "SPY.ARCA")

    roles = result.orders["role"].tolist()
    assert roles[:15] == ["entry", "stop_loss", "take_profit"] * 5
    assert roles.count("entry") == roles.count("stop_loss") == roles.count("take_profit")


def test_the_runs_sizing_is_shared_out_among_the_levels() -> None:
    result = run("grid", "SPY.ARCA", sizing=FixedSize.of(100), parameters={"levels": 4})

    assert set(result.fills["quantity"].tolist()) == {25}


def test_a_level_of_less_than_a_lot_is_told_and_not_traded() -> None:
    result = run("grid", "IF-MAIN.CFFEX", timeframe="5m", cash=100_000)

    assert len(result.orders) == 0
    assert "5 levels come to less than a lot each" in result.log[0][1]
