"""From a strategy that has been initialised to one plain function over numbers."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quantloom.backtest.lowering.refusals import NotCompilable
from quantloom.backtest.lowering.scope import BAR, CTX, SELF, SHARED, Function, Program
from quantloom.backtest.lowering.statements import lower_body
from quantloom.backtest.lowering.values import Number
from quantloom.kit import FloatArray
from quantloom.market import Instrument
from quantloom.strategy import CALLBACKS, Strategy

_COMPILED = {"initialize", "on_bar", "warm_up"}
# Kinds only grow, each name from one to the next; far fewer rounds than this do.
_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Lowered:
    """A callback as plain code.

    Attributes:
        text: of a module whose last function is `on_bar`.
        state: its numbers before the first bar.
        slots: place of each in it, by the attribute's name.
        lines: (lines, n) values of the lines that it reads.
        sees_money: whether it reads cash or equity.
    """

    text: str
    state: FloatArray
    slots: Mapping[str, int]
    lines: FloatArray
    sees_money: bool


def lower_strategy(strategy: Strategy, instrument: Instrument, count: int) -> Lowered:
    """Lower the callback of a strategy.

    Args:
        strategy: after `initialize`, its lines filled.
        count: of the run's bars.
    Raises:
        NotCompilable: it uses what compiled code does not know.
    """
    _refuse_callbacks(strategy)
    program = Program(
        strategy, instrument.symbol, instrument.lot == int(instrument.lot), lower_body
    )
    callback = _callback(program)
    for _ in range(_MOST_ROUNDS):
        program.has_changed = False
        lower_body(callback)
        if not program.has_changed:
            break
    functions = [*program.functions.values(), callback]
    lines = np.empty((len(program.columns), count))
    for place, column in enumerate(program.columns):
        lines[place] = column
    text = "\n\n".join(map(_text, functions))
    sees_money = "desk[0]" in text or "desk[1]" in text
    return Lowered(text, np.array(program.first), program.slots, lines, sees_money)


def _callback(program: Program) -> Function:
    written = program.method("on_bar")
    callback = Function("on_bar", program, written)
    if len(written.names) != len((SELF, CTX, BAR)):
        callback.source.refuse(ast.Pass(), "other arguments", "write on_bar(self, ctx, bar)")
    callback.locals.update(zip(written.names, (SELF, CTX, BAR), strict=True))
    callback.arguments = written.names[1:]
    return callback


def _refuse_callbacks(strategy: Strategy) -> None:
    for name in CALLBACKS:
        is_own = getattr(type(strategy), name) is not getattr(Strategy, name)
        if is_own and name not in _COMPILED:
            raise NotCompilable(
                type(strategy).__name__,
                name,
                "",
                f"{name} is not compiled",
                "keep to initialize, warm_up and on_bar",
            )
    if type(strategy).on_bar is Strategy.on_bar:
        raise NotCompilable(
            type(strategy).__name__, "the class", "", "it has no on_bar", "write one"
        )


def _text(function: Function) -> str:
    numbers = [
        f"a_{name}" for name in function.arguments if isinstance(function.locals[name], Number)
    ]
    head = f"def {function.name}({', '.join((SHARED, *numbers))}):"
    body = function.lines
    if function.name == "on_bar":
        body = [line.replace("return 0", "return int(desk[4])") for line in body]
    return "\n".join((head, *body))
