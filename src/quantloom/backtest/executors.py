"""Which of the executors makes a run."""

from typing import Literal, cast, get_args

from quantloom.backtest.callbacks import handles_time
from quantloom.backtest.spec import BadRunSetting
from quantloom.errors import Invalid
from quantloom.strategy import Strategy, offers_signals, offers_weights

Engine = Literal["auto", "event", "vectorised", "compiled"]
"""Who makes a run: `auto` leaves it to what the strategy has."""

Means = Literal["callbacks", "signals", "weights"]
"""What of a strategy says what to do."""

QuickWay = Literal["signals", "compiled"]
"""How the core makes a run by itself, in floats: by signals, or by a compiled callback."""


class NoSignals(Invalid):
    """The vectorised engine was asked for a strategy with neither signals nor weights."""

    code = "backtest.no_signals"

    def __init__(self, strategy: str) -> None:
        super().__init__(strategy)
        self.strategy = strategy

    def __str__(self) -> str:
        return (
            f"{self.strategy} has no generate_signals(self, bars) and no "
            "generate_weights(self, panel), one of which the vectorised engine follows; "
            "write one, or run it with engine='event'"
        )


def choose(engine: str, strategy: type[Strategy]) -> Engine:
    """The executor of a run; what the class has says so where the engine is `auto`.

    Raises:
        BadRunSetting: there is no such engine.
        NoSignals: the vectorised engine, and neither signals nor weights.
    """
    known = get_args(Engine)
    if engine not in known:
        raise BadRunSetting("engine", repr(engine), f"one of {', '.join(map(repr, known))}")
    if engine == "vectorised" and followed(engine, strategy) == "callbacks":
        raise NoSignals(strategy.__name__)
    if engine == "auto":
        return _best_for(strategy)
    return cast("Engine", engine)


def _best_for(strategy: type[Strategy]) -> Engine:
    if followed("auto", strategy) != "callbacks":
        return "vectorised"
    return "compiled" if strategy.is_compiled else "event"


def followed(engine: str, strategy: type[Strategy]) -> Means:
    """What an engine follows: callbacks for bars, timers or days where a class has any.

    The vectorised engine passes them over. Weights go before signals, since they say what to do
    with all instruments together.
    """
    if engine != "vectorised" and handles_time(strategy):
        return "callbacks"
    if offers_weights(strategy):
        return "weights"
    return "signals" if offers_signals(strategy) else "callbacks"


def quick_way(strategy: type[Strategy]) -> QuickWay | None:
    """How the core can make runs of a class by itself; None where its callbacks are Python.

    A class with both is run by its signals, which the author says mean the same.
    """
    if offers_signals(strategy):
        return "signals"
    return "compiled" if strategy.is_compiled else None
