"""Finished runs with something in every table, for tests of results."""

from collections.abc import Mapping
from dataclasses import replace

from quantloom.backtest import BacktestResult, backtest
from quantloom.data.synthetic import random_walk
from quantloom.market import Bar, Bars
from quantloom.strategy import Context, Strategy

SYMBOLS = ("A.LOCAL", "B.LOCAL")


class Roving(Strategy):
    """Turns to a random side of each instrument now and then, and says so."""

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        for symbol in bars:
            if ctx.random.random() < 0.1:
                ctx.target_quantity(symbol, int(ctx.random.integers(-20, 21)), tag="=turn")
                ctx.log(f"turned {symbol}")
            if ctx.random.random() < 0.05:
                ctx.buy(symbol, 5, price=90)

    def save_state(self) -> dict[str, object]:
        return {"seen": [1, "two"]}


def make_walk(symbol: str, *, count: int = 300, seed: int = 7, timeframe: str = "1d") -> Bars:
    return replace(random_walk(count, seed, timeframe=timeframe), symbol=symbol)


def rove(*, seed: int = 3, count: int = 300, timeframe: str = "1d") -> BacktestResult:
    """Two instruments beside a benchmark, with orders that fill, rest and are refused."""
    walks = {
        symbol: make_walk(symbol, count=count, seed=place, timeframe=timeframe)
        for place, symbol in enumerate(SYMBOLS)
    }
    return backtest(
        Roving,
        walks,
        commission=0.0003,
        slippage=1,
        seed=seed,
        benchmark=make_walk("INDEX.LOCAL", count=count, seed=9, timeframe=timeframe),
    )
