"""The signals of a run: asked of its strategy once, for each instrument on its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import StrategyFailed
from quantloom.backtest.feed import Feed
from quantloom.errors import QuantloomError
from quantloom.market import Bars
from quantloom.strategy import BadSignals, SignalFollower, Signals, Strategy
from quantloom.strategy.loading import describe


def signals_of(running: Strategy, desk: BarDesk) -> dict[str, Signals]:
    """What the strategy signals on the bars of each instrument, by symbol.

    Raises:
        BadSignals: it gives something else than signals for each bar.
        StrategyFailed: it raised.
    """
    return {symbol: _aligned(running, feed) for symbol, feed in desk.feeds.items()}


def follower_of(running: Strategy, desk: BarDesk, signals: Mapping[str, Signals]) -> SignalFollower:
    """A strategy that follows the signals of a run by ordinary orders."""
    opens = {symbol: feed.bars.ts for symbol, feed in desk.feeds.items()}
    return SignalFollower(running, signals, opens)


def _aligned(strategy: Strategy, feed: Feed) -> Signals:
    """Signals for every bar, where the strategy is shown those of days with a trade alone."""
    if not (feed.passes_idle_days and feed.idle.any()):
        return _ask(strategy, feed.bars)
    shown = ~feed.idle
    found = _ask(strategy, feed.traded_bars)
    columns: dict[str, Any] = {
        name: _spread(column, shown)
        for name in ("entries", "exits", "short_entries", "short_exits", "weights")
        if (column := getattr(found, name)) is not None
    }
    return replace(found, **columns)


def _spread(column: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """A column with nothing signalled on the bars that were not shown."""
    nothing = np.nan if column.dtype == np.float64 else False
    found = np.full(len(shown), nothing, dtype=column.dtype)
    found[shown] = column
    return found


def _ask(strategy: Strategy, bars: Bars) -> Signals:
    name = type(strategy).__name__
    try:
        found: object = strategy.generate_signals(bars)
    except QuantloomError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:  # user code fails as it likes
        path = strategy.generate_signals.__code__.co_filename
        problem = describe(error, path)
        raise StrategyFailed(name, "generate_signals", "the start", problem) from error
    if not isinstance(found, Signals):
        problem = f"{name}.generate_signals gave {type(found).__name__}; return Signals(...)"
        raise BadSignals(problem)
    return found.fit(len(bars))
