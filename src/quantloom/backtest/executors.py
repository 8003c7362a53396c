"""Which of the executors makes a run."""

from typing import Literal, cast, get_args

from quantloom.backtest.callbacks import handles_time
from quantloom.backtest.spec import BadRunSetting
from quantloom.errors import Invalid
from quantloom.strategy import Strategy, offers_signals

Engine = Literal["auto", "event", "vectorised", "compiled"]
"""Who makes a run: `auto` leaves it to what the strategy has."""


class NoSignals(Invalid):
    """The vectorised engine was asked for a strategy without signals."""

    code = "backtest.no_signals"

    def __init__(self, strategy: str) -> None:
        super().__init__(strategy)
        self.strategy = strategy

    def __str__(self) -> str:
        return (
            f"{self.strategy} has no generate_signals(self, bars), which the vectorised engine "
            "follows; write one, or run it with engine='event'"
        )


def choose(engine: str, strategy: type[Strategy]) -> Engine:
    """The executor of a run; what the class has says so where the engine is `auto`.

    Raises:
        BadRunSetting: there is no such engine.
        NoSignals: the vectorised engine, and no signals.
    """
    known = get_args(Engine)
    if engine not in known:
        raise BadRunSetting("engine", repr(engine), f"one of {', '.join(map(repr, known))}")
    if engine == "vectorised" and not offers_signals(strategy):
        raise NoSignals(strategy.__name__)
    if engine == "auto":
        return _best_for(strategy)
    return cast("Engine", engine)


def _best_for(strategy: type[Strategy]) -> Engine:
    if follows_signals(strategy):
        return "vectorised"
    return "compiled" if strategy.is_compiled else "event"


def follows_signals(strategy: type[Strategy]) -> bool:
    """Whether a class has signals and no callback that would say what to do on a bar."""
    return offers_signals(strategy) and not handles_time(strategy)
