"""What a strategy's callbacks must be like before a run calls any of them."""

import inspect

from quantloom.errors import Invalid
from quantloom.strategy import CALLBACKS, Strategy

ON_TIME = ("on_bar", "on_bars", "on_timer", "before_trading", "after_settlement")
"""What a strategy does by itself, not in answer to its orders."""


class NoCallback(Invalid):
    """A strategy that does not say what to do on a bar."""

    code = "strategy.no_callback"

    def __init__(self, strategy: str) -> None:
        super().__init__(strategy)
        self.strategy = strategy

    def __str__(self) -> str:
        return f"{self.strategy} has no on_bar(self, ctx, bar); write one, it is called on each bar"


class NotPlain(Invalid):
    """A callback that only makes a generator or a coroutine when called."""

    code = "strategy.not_plain"

    def __init__(self, strategy: str, callback: str) -> None:
        super().__init__(strategy, callback)
        self.strategy, self.callback = strategy, callback

    def __str__(self) -> str:
        return (
            f"{self.strategy}.{self.callback} is async or has a yield, so calling it does nothing; "
            "make it a plain method"
        )


class WrongSignature(Invalid):
    """A callback that does not take what it is called with.

    Attributes:
        wanted: how it is written.
    """

    code = "strategy.wrong_signature"

    def __init__(self, strategy: str, callback: str, wanted: str) -> None:
        super().__init__(strategy, callback, wanted)
        self.strategy, self.callback, self.wanted = strategy, callback, wanted

    def __str__(self) -> str:
        return f"{self.strategy}.{self.callback} takes other arguments; write def {self.wanted}"


class Unheard(Invalid):
    """Something was asked for that no callback of the strategy hears.

    Attributes:
        wanted: the callback, as it is written. asked: what was asked for.
    """

    code = "strategy.unheard"

    def __init__(self, strategy: str, asked: str, wanted: str) -> None:
        super().__init__(strategy, asked, wanted)
        self.strategy, self.asked, self.wanted = strategy, asked, wanted

    def __str__(self) -> str:
        return f"{self.strategy} is given a {self.asked} and has no {self.wanted} to hear of it"


def overrides(strategy: Strategy, name: str) -> bool:
    """Whether the class has a callback of its own."""
    return getattr(type(strategy), name) is not getattr(Strategy, name)


def handles_time(strategy: type[Strategy]) -> bool:
    """Whether a class has a callback for bars, timers or days."""
    return any(getattr(strategy, name) is not getattr(Strategy, name) for name in ON_TIME)


def check_callbacks(strategy: Strategy) -> None:
    """Refuse a strategy whose callbacks cannot be called.

    Raises:
        NoCallback: it has none for bars, timers or days.
        NotPlain: one is a generator or a coroutine.
        WrongSignature: one does not take what it is called with.
    """
    if not handles_time(type(strategy)):
        raise NoCallback(type(strategy).__name__)
    for name in CALLBACKS:
        if overrides(strategy, name):
            check_callback(strategy, name)


def check_callback(strategy: Strategy, name: str) -> None:
    """Refuse a callback that cannot be called as an engine calls it.

    Raises:
        NotPlain: it is a generator or a coroutine.
        WrongSignature: it does not take what it is called with.
    """
    callback = getattr(strategy, name)
    kinds = inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction
    if any(is_kind(callback) for is_kind in kinds):
        raise NotPlain(type(strategy).__name__, name)
    names = [*inspect.signature(getattr(Strategy, name)).parameters]
    try:
        inspect.signature(callback).bind(*names[1:])
    except TypeError:
        wanted = f"{name}({', '.join(names)})"
        raise WrongSignature(type(strategy).__name__, name, wanted) from None


def check_heard(strategy: Strategy, *, has_timers: bool, has_state: bool) -> None:
    """Refuse timers and a state that would be lost without a word.

    Raises:
        Unheard: there is one, and no callback for it.
    """
    asked = (
        (has_timers, "timer", "on_timer(self, ctx, timer)"),
        (has_state, "state", "restore_state(self, state)"),
    )
    for is_asked, what, wanted in asked:
        if is_asked and not overrides(strategy, wanted.partition("(")[0]):
            raise Unheard(type(strategy).__name__, what, wanted)
