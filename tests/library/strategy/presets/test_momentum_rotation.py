"""The rotation holds the best of its ranking, and nothing else."""

import numpy as np
import pytest

from quantloom.market import Bars
from tests.library.strategy.presets.cases import FUTURES, bars_of, held, run
from tests.shared_data import SHARED, needs_shared

NAMES = ("AXP", "BA", "CAT", "CSCO", "CVX", "DIS", "HD", "IBM", "JNJ", "JPM", "KO", "MCD")


def check(bars: dict[str, Bars], *, top: int, absolute: bool, cash: int = 20_000_000) -> int:
    """Compare what is held after each change of month with a ranking made here; count them."""
    parameters = {"top": top, "lookback": 126, "skip": 21, "absolute": absolute}
    result = run("momentum-rotation", bars=bars, parameters=parameters, cash=cash)

    months = result.days.astype("datetime64[D]").astype("datetime64[M]")
    turns = np.flatnonzero(months[1:] != months[:-1]) + 1
    closes = {name: one.close for name, one in bars.items()}
    owned = {name: held(result, name) for name in bars}
    checked = 0
    for row, until in zip(turns, [*turns[1:], len(months) - 1], strict=True):
        if row < 126:
            continue
        past = {name: close[row - 21] / close[row - 126] - 1 for name, close in closes.items()}
        best = sorted(past, key=lambda name: past[name], reverse=True)[:top]
        wanted = {name for name in best if past[name] > 0 or not absolute}
        for at in range(row + 1, until + 1):
            assert {name for name in bars if owned[name][at]} == wanted
        checked += 1
    return checked


@pytest.mark.parametrize(("top", "absolute"), [(1, True), (2, True), (2, False)])
def test_futures_held_are_the_best_of_an_independent_ranking(top: int, absolute: bool) -> None:
    bars = {symbol: bars_of(symbol) for symbol in FUTURES}

    assert check(bars, top=top, absolute=absolute) > 50


@needs_shared
@pytest.mark.parametrize("absolute", [True, False])
def test_stocks_held_are_the_best_of_an_independent_ranking(absolute: bool) -> None:
    from quantloom.data import read_bars

    folder = SHARED / "data/bars/us_stock"
    read = {name: read_bars(folder / f"{name}.1d.parquet").bars for name in NAMES}
    times = np.unique(np.concatenate([one.ts for one in read.values()]))
    bars = {one.symbol: one for one in read.values() if len(one) == len(times)}

    assert len(bars) >= 8
    assert check(bars, top=3, absolute=absolute) > 12


def test_the_parts_are_equal_and_together_no_more_than_the_exposure() -> None:
    result = run("momentum-rotation", *FUTURES, parameters={"top": 2, "exposure": 0.8})

    share = result.equity["gross_exposure"] / result.equity["equity"]
    assert share.max() < 0.95
    assert share[share > 0].min() > 0.3


def test_what_is_no_longer_traded_is_not_bought_again() -> None:
    first, second = (bars_of(symbol) for symbol in ("SPY.ARCA", "AAPL.NASDAQ"))
    bars = {first.symbol: first, second.symbol: second[:1_000]}

    result = run("momentum-rotation", bars=bars, parameters={"top": 2, "absolute": False})

    waiting = result.orders["rule"] == "end_of_data"
    assert np.count_nonzero(waiting & (result.orders["symbol"] == second.symbol)) <= 4
