"""The opening range enters once a day, after its minutes, and is flat by the close."""

import numpy as np
import pytest

from quantloom.backtest import BacktestResult
from quantloom.kit.clock import NS_PER_SECOND
from tests.library.strategy.presets.cases import run

MINUTE = 60 * NS_PER_SECOND
MARKETS = [("rb-MAIN.SHFE", "5m"), ("IF-MAIN.CFFEX", "5m"), ("SPY.ARCA", "1h")]


def entries_by_day(result: BacktestResult) -> dict[int, list[int]]:
    """Places of the fills that open, by trading day."""
    fills, quantity = result.fills, 0
    found: dict[int, list[int]] = {}
    days = dict(zip(result.equity["ts_ns"].tolist(), result.days.tolist(), strict=True))
    for place, (side, size) in enumerate(zip(fills["side"], fills["quantity"], strict=True)):
        if quantity == 0:
            found.setdefault(days[fills["ts_ns"][place]], []).append(place)
        quantity += size if side == "buy" else -size
    return found


@pytest.mark.parametrize("both_sides", [False, True])
@pytest.mark.parametrize(("symbol", "timeframe"), MARKETS)
@pytest.mark.untraced
def test_it_is_flat_at_the_end_of_each_day(symbol: str, timeframe: str, both_sides: bool) -> None:
    parameters = {"both_sides": both_sides}

    result = run("opening-range", symbol, timeframe=timeframe, parameters=parameters)

    is_last = np.append(result.days[1:] != result.days[:-1], True)
    # The data may begin in the middle of the first day, where its opening is its last hour.
    assert np.all(result.equity["quantity"][is_last][1:] == 0)
    assert len(result.round_trips) > 20


@pytest.mark.parametrize(("symbol", "timeframe"), MARKETS)
@pytest.mark.untraced
def test_it_enters_once_a_day_at_most(symbol: str, timeframe: str) -> None:
    result = run("opening-range", symbol, timeframe=timeframe, parameters={"both_sides": True})

    entries = entries_by_day(result)
    assert len(entries) > 20
    assert {len(places) for places in entries.values()} == {1}


def test_it_enters_outside_the_range_after_its_minutes_and_not_late() -> None:
    result = run(
        "opening-range",
        "IF-MAIN.CFFEX",
        timeframe="5m",
        parameters={"both_sides": True, "minutes": 30, "latest": 120},
    )

    bars, fills = result.bars, result.fills
    for day, (place,) in entries_by_day(result).items():
        rows = np.flatnonzero(result.days == day)
        opened = bars.ts[rows[0]]
        morning = rows[bars.ts[rows] < opened + 30 * MINUTE]
        price, time = float(fills["price"][place]), fills["ts_ns"][place]
        is_buy = fills["side"][place] == "buy"
        assert opened + 30 * MINUTE <= time < opened + 120 * MINUTE
        assert price > bars.high[morning].max() if is_buy else price < bars.low[morning].min()


def test_its_stop_is_the_other_side_of_the_range() -> None:
    result = run("opening-range", "IF-MAIN.CFFEX", timeframe="5m")

    orders = result.orders
    entries, stops = orders["role"] == "entry", orders["role"] == "stop_loss"
    bought = orders["stop"][entries & (orders["side"] == "buy")]
    assert len(bought) == np.count_nonzero(stops) > 50
    assert all(low < high for low, high in zip(orders["stop"][stops], bought, strict=True))


def test_what_an_empty_close_left_is_sold_at_the_next_open() -> None:
    result = run("opening-range", "rb-MAIN.SHFE", timeframe="5m", participation=0.0005)

    is_last = np.append(result.days[1:] != result.days[:-1], True)
    left = np.flatnonzero(is_last[:-1] & (result.equity["quantity"][:-1] != 0))
    quantity = result.equity["quantity"]
    assert len(left) > 10
    assert np.all(quantity[left + 1] < quantity[left])
