"""Signals followed by ordinary orders: what `docs/reference/signals.md` says, as a strategy."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from quantloom.kit import IntArray
from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.ordering import EntryTerms
from quantloom.strategy.signals import ENTRY, EXIT, SHORT_ENTRY, SHORT_EXIT, Signals


class _Track:
    """The signals of one instrument, bar by bar.

    Args:
        ts: (n,) open of the bar that each of them is for.
    """

    def __init__(self, signals: Signals, ts: IntArray) -> None:
        self.terms = _terms_of(signals)
        self.turns = signals.turns
        self.has_weights = signals.weights is not None
        found = signals.codes() if signals.weights is None else signals.weights
        self._values: list[Any] = found.tolist()
        self._ts, self._row = ts, -1

    def at(self, ts_ns: int) -> Any:
        """The code, or the weight, of the bar that opened at a time; later than the last one."""
        self._row += 1
        if self._ts[self._row] != ts_ns:
            self._row = int(np.searchsorted(self._ts, ts_ns))
        return self._values[self._row]


class SignalFollower(Strategy):
    """Runs the signals of another strategy, in the event engine or live.

    Args:
        strategy: whose signals they are; its parameters and its warm-up hold.
        signals: by symbol. opens: of the bars that they are for.
    """

    def __init__(
        self, strategy: Strategy, signals: Mapping[str, Signals], opens: Mapping[str, IntArray]
    ) -> None:
        super().__init__()
        self.strategy, self.values = strategy, strategy.values
        self._tracks = {symbol: _Track(one, opens[symbol]) for symbol, one in signals.items()}

    def warm_up(self) -> int:
        return self.strategy.warm_up()

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        track = self._tracks[bar.symbol]
        wanted = track.at(bar.ts_ns)
        if track.has_weights:
            if not math.isnan(wanted):
                ctx.target_weight(bar.symbol, wanted)
        elif wanted:
            _follow(ctx, bar.symbol, wanted, track)


def _follow(ctx: Context, symbol: str, code: int, track: _Track) -> None:
    position = ctx.position_of(symbol)
    # Looked up before leave() sends anything, so that a turn can leave and enter at once.
    is_waiting = any(order.entry is None for order in ctx.orders(symbol))
    if (position.is_long and code & EXIT) or (position.is_short and code & SHORT_EXIT):
        leave(ctx, symbol)
    if is_waiting:
        return
    if code & ENTRY and (position.is_flat or (position.is_short and track.turns)):
        if position.is_short:
            leave(ctx, symbol)
        ctx.buy(symbol, **track.terms)
    elif code & SHORT_ENTRY and (position.is_flat or (position.is_long and track.turns)):
        if position.is_long:
            leave(ctx, symbol)
        ctx.short(symbol, **track.terms)


def _terms_of(signals: Signals) -> EntryTerms:
    terms: EntryTerms = {}
    if signals.stop_loss is not None:
        terms["stop_loss"] = signals.stop_loss
    if signals.take_profit is not None:
        terms["take_profit"] = signals.take_profit
    return terms
