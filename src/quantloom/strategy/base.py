"""The class that users write: researched, backtested, paper-traded and traded live unchanged."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from quantloom.market import Bar, Bars, Shift, Tick
from quantloom.strategy.context import Context
from quantloom.strategy.panel import Panel
from quantloom.strategy.parameters import BadParameter, ParameterSpec, Value, read_values
from quantloom.strategy.signals import Signals
from quantloom.strategy.timers import Timer
from quantloom.strategy.weights import Weights
from quantloom.trading import Fill, Order


class Strategy:
    """Subclass it, declare parameters, override the callbacks you need.

    ```python
    class DualMovingAverage(Strategy):
        fast: int = Parameter(10, low=2, high=200)
        slow: int = Parameter(30, low=3, high=400)

        def initialize(self, ctx: Context) -> None:
            self.fast_ma = ctx.indicator("SMA", self.fast)
            self.slow_ma = ctx.indicator("SMA", self.slow)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            if crossed_above(self.fast_ma, self.slow_ma):
                ctx.buy(bar.symbol)
            elif crossed_below(self.fast_ma, self.slow_ma):
                ctx.close(bar.symbol)
    ```

    Class attributes:
        parameters: what `Parameter` declared, by name, base classes first.
        is_compiled: whether `compiled` has marked it.
        lineage: under which name its runs are counted as trials; its class's own where empty.
            Strategies that are variants of one idea should share one.
    """

    parameters: ClassVar[Mapping[str, ParameterSpec]] = MappingProxyType({})
    is_compiled: ClassVar[bool] = False
    lineage: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        found: dict[str, ParameterSpec] = {}
        for base in reversed(cls.__mro__[1:]):
            found |= vars(base).get("parameters", {})
        for name, declared in list(vars(cls).items()):
            if isinstance(declared, ParameterSpec):
                if name in _RESERVED:
                    raise BadParameter(cls.__name__, name, "has a name that Strategy itself uses")
                found[name] = replace(declared, name=name)
                setattr(cls, name, declared.default)
            elif name in found:
                # `fast = 5` in a subclass is another default within the same bounds.
                found[name] = replace(found[name], default=found[name].read(cls.__name__, declared))
        cls.parameters = MappingProxyType(found)

    def __init__(self, **values: object) -> None:
        """Set parameters by name; the rest keep their defaults.

        Raises:
            BadParameter: an unknown name, a wrong type, a value out of bounds.
        """
        self.values: dict[str, Value] = read_values(type(self).__name__, self.parameters, values)
        for name, value in self.values.items():
            setattr(self, name, value)

    @classmethod
    def parameters_schema(cls) -> dict[str, Any]:
        """The parameters as JSON Schema, for forms and optimisers."""
        return {
            "type": "object",
            "properties": {name: spec.schema() for name, spec in cls.parameters.items()},
            "additionalProperties": False,
        }

    def refuse(self, parameter: str, problem: str) -> BadParameter:
        """Make the error to raise when two parameters do not fit each other."""
        return BadParameter(type(self).__name__, parameter, problem)

    def warm_up(self) -> int:
        """How many bars of each instrument are seen before the first callback on a bar.

        They are taken from before the run's start where the data reach back that far, and are
        the first bars of the run otherwise. Parameters are set when this is called.
        """
        return 0

    def generate_signals(self, bars: Bars) -> Signals:
        """Say for every bar at once when to enter and leave, or how much to hold.

        A strategy that has it needs no `on_bar`, and runs many times as fast. It is called
        once for each instrument, parameters set. Row i may look at bars up to i alone;
        docs/reference/signals.md says what becomes of it.
        """
        raise NotImplementedError

    def initialize(self, ctx: Context) -> None:
        """Ask for indicators and timers and set up state; no bar has been seen yet."""

    def on_start(self, ctx: Context) -> None:
        """The run begins; every indicator is there, and restored state too."""

    def on_shift(self, ctx: Context, symbol: str, shift: Shift) -> None:
        """The terms of an instrument's prices change with the bar that comes: a roll, an ex-day.

        Lines, history and working orders are in the new terms already. A price that the strategy
        has kept is moved by `shift.price(kept)`.
        """

    def before_trading(self, ctx: Context) -> None:
        """A trading day begins. Orders sent here fill from its first bar's open."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """A bar has closed. Orders sent here fill from the next bar's open.

        With several instruments it is called for each bar that closed, after all were matched.
        """

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        """The bars of one time have closed: those of every instrument that has one, by symbol."""

    def on_tick(self, ctx: Context, tick: Tick) -> None:
        """A quote, a trade or a snapshot has come, in a run on ticks."""

    def on_timer(self, ctx: Context, timer: Timer) -> None:
        """A time that `ctx.timer` asked for has come; on bars, before `on_bar`."""

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        """One of the strategy's orders was executed, in whole or in part."""

    def on_order_update(self, ctx: Context, order: Order) -> None:
        """One of the strategy's orders has changed its state."""

    def after_settlement(self, ctx: Context) -> None:
        """A trading day is over, after its last bar's `on_bar`."""

    def on_stop(self, ctx: Context) -> None:
        """The run is over; orders sent here no longer fill."""

    def generate_weights(self, panel: Panel) -> Weights:
        """Say what to hold of each instrument and when, in place of callbacks on bars.

        Called once, with the parameters set as attributes. What is decided for a row may use the
        rows up to it alone, as `panel.decide` sees to; its orders fill from the next open on.
        """
        return Weights(np.empty(0, dtype=np.int64), np.empty((0, len(panel.symbols))))

    def save_state(self) -> Mapping[str, Any]:
        """What a later run needs to go on where this one ends: plain values by name.

        Called after `on_stop`; the result keeps it as `state`.
        """
        return {}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what an earlier run saved; called between `initialize` and `on_start`."""


_RESERVED = frozenset(vars(Strategy)) | {"values"}
_ALSO_CALLED = {"initialize", "before_trading", "after_settlement", "warm_up"} | {
    "save_state",
    "restore_state",
}
CALLBACKS = tuple(name for name in vars(Strategy) if name.startswith("on_") or name in _ALSO_CALLED)
"""The methods that an engine calls."""


def offers_signals(strategy: type[Strategy]) -> bool:
    """Whether a class has `generate_signals`."""
    return strategy.generate_signals is not Strategy.generate_signals


def offers_weights(strategy: type[Strategy]) -> bool:
    """Whether a class has `generate_weights`."""
    return strategy.generate_weights is not Strategy.generate_weights
