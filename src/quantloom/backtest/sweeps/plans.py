"""How the presets' signals are worked out a block of bars at a time: their lines, and the rule.

A plan belongs to one class and to no subclass of it, which may do anything otherwise. It must give
the codes that the class's own `generate_signals` gives; a test holds each to that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quantloom.backtest.sweeps.spaces import Values
from quantloom.strategy import Strategy
from quantloom.strategy.presets import Bollinger, Macd, Rsi, SmaCross, SuperTrend

# As `kernels.lines` and `kernels.codes` number them, which load numba.
AVERAGE, DEVIATION, RSI, MACD, TREND = range(5)
CROSS, BANDS, SIGNAL_LINE, LEVELS, TREND_TURN = range(1, 6)

LineKey = tuple[float, ...]
"""A kind of line and its parameters."""

Numbers = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a sweep computes for a class of strategies.

    Attributes:
        rule: how lines become codes. turns: whether an entry turns a position of the other side.
        lines: of a set's values, the lines that it reads; numbers: what else its rule needs.
        refusal: why the values do not fit each other: parameter and problem, as the class says it.
        stop: percent from an entry to its stop; 0 for none.
    """

    rule: int
    lines: Callable[[Values], tuple[LineKey, ...]]
    numbers: Callable[[Values], Numbers] = lambda _: (0.0, 0.0, 0.0)
    turns: bool = False
    refusal: Callable[[Values], tuple[str, str] | None] = lambda _: None
    stop: Callable[[Values], float] = lambda _: 0.0


def row_count(key: LineKey) -> int:
    """How many rows a line fills."""
    return 2 if key[0] == MACD else 1


def _fast_below_slow(values: Values) -> tuple[str, str] | None:
    if values["fast"] < values["slow"]:  # type: ignore[operator]
        return None
    return "fast", f"is {values['fast']}; it must be below slow, {values['slow']}"


def _low_below_high(values: Values) -> tuple[str, str] | None:
    if values["oversold"] < values["overbought"]:  # type: ignore[operator]
        return None
    return (
        "oversold",
        f"is {values['oversold']}; it must be below overbought, {values['overbought']}",
    )


def _floats(values: Values, *names: str) -> tuple[float, ...]:
    return tuple(float(values[name]) for name in names)


PLANS: Mapping[type[Strategy], Plan] = {
    SmaCross: Plan(
        rule=CROSS,
        lines=lambda values: (
            (AVERAGE, *_floats(values, "fast")),
            (AVERAGE, *_floats(values, "slow")),
        ),
        refusal=_fast_below_slow,
    ),
    Bollinger: Plan(
        rule=BANDS,
        lines=lambda values: (
            (AVERAGE, *_floats(values, "period")),
            (DEVIATION, *_floats(values, "period")),
        ),
        numbers=lambda values: (float(values["width"]), 0.0, float(values["both_sides"])),
    ),
    Macd: Plan(
        rule=SIGNAL_LINE,
        lines=lambda values: ((MACD, *_floats(values, "fast", "slow", "signal")),),
        numbers=lambda values: (float(values["only_with_trend"]), 0.0, float(values["both_sides"])),
        turns=True,
        refusal=_fast_below_slow,
    ),
    Rsi: Plan(
        rule=LEVELS,
        lines=lambda values: ((RSI, *_floats(values, "period")),),
        numbers=lambda values: (
            float(values["oversold"]),
            float(values["overbought"]),
            float(values["both_sides"]),
        ),
        refusal=_low_below_high,
        stop=lambda values: float(values["stop"]),
    ),
    SuperTrend: Plan(
        rule=TREND_TURN,
        lines=lambda values: ((TREND, *_floats(values, "period", "ranges")),),
        numbers=lambda values: (0.0, 0.0, float(values["both_sides"])),
        turns=True,
    ),
}
"""By class: a subclass, which may do anything else, is not found here."""
