"""Small real runs to make reports of, and a reader of what a page holds."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from quantloom.backtest import BacktestResult, backtest
from quantloom.data.synthetic import random_walk
from quantloom.market import Bar
from quantloom.strategy import Context, Strategy

HOSTILE = "<script>alert('tag')</script>"


class Idle(Strategy):
    """Sends nothing."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Look on."""


class Hold(Strategy):
    """Buys on the first bar and never sells."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.is_flat:
            ctx.buy(bar.symbol)


class Greedy(Strategy):
    """Wants more than anybody could pay for."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.log(HOSTILE)
        ctx.buy(bar.symbol, 10**9)


class Flip(Strategy):
    """Turns its position over on every fifth bar."""

    def initialize(self, ctx: Context) -> None:
        self.seen = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.seen += 1
        if self.seen % 5 == 0:
            ctx.target_quantity(bar.symbol, -ctx.position.quantity or 10, tag=HOSTILE)


class Calm(Strategy):
    """Turns its position over on every fiftieth bar."""

    def initialize(self, ctx: Context) -> None:
        self.seen = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.seen += 1
        if self.seen % 50 == 0:
            ctx.target_quantity(bar.symbol, -ctx.position.quantity or 10)


class Swing(Strategy):
    """Buys ten on one bar and sells them on the next."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.is_flat:
            ctx.buy(bar.symbol, 10)
        else:
            ctx.close(bar.symbol)


class Rove(Strategy):
    """Turns to a random weight of each instrument now and then."""

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        for symbol in bars:
            if ctx.random.random() < 0.1:
                weight = float(ctx.random.choice([-0.2, 0.0, 0.3]))
                ctx.target_weight(symbol, weight, tag="up" if weight > 0 else "down")


SYMBOLS = ("A.LOCAL", "B.LOCAL", "C.LOCAL")


def rove(count: int = 300, *, symbols: tuple[str, ...] = SYMBOLS) -> BacktestResult:
    """Several instruments beside a benchmark."""
    walks = {
        symbol: replace(random_walk(count, seed, timeframe="1d"), symbol=symbol)
        for seed, symbol in enumerate(symbols)
    }
    index = replace(random_walk(count, 99, timeframe="1d"), symbol="INDEX.LOCAL")
    return backtest(Rove, walks, commission=0.0002, slippage=1, benchmark=index)


def run(
    strategy: type[Strategy], bars: int = 300, timeframe: str = "1d", commission: float = 0.0002
) -> BacktestResult:
    """One of the strategies above on a random walk, without a cap of volume."""
    walk = random_walk(bars, 7, timeframe=timeframe)
    return backtest(strategy, walk, commission=commission, slippage=1, participation=None)


class Page(HTMLParser):
    """Reads a page: its tags, the text of each, its scripts, the cells of its tables."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.scripts: dict[str, str] = {}
        self.unbalanced: list[str] = []
        self._stack: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._stack or self._stack.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if not self._stack:
            return
        self.texts.setdefault(self._stack[-1], []).append(data)
        if self._stack[-1] == "script":
            name = self.opened[-1][1].get("id") or "own"
            self.scripts[name] = self.scripts.get(name, "") + data

    @property
    def is_closed(self) -> bool:
        return not self._stack and not self.unbalanced

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(self.scripts["data"])))
        return found

    @property
    def headings(self) -> list[str]:
        return self.texts["h2"]
