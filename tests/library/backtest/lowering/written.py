"""Strategies written as text, as a notebook keeps them, and their callbacks called by hand."""

import itertools
import linecache
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np

from quantloom.backtest.lowering.building import build
from quantloom.backtest.lowering.kernels.guards import CELLS, COMMANDS, DESK, DOUBT, FAULT, SENT
from quantloom.backtest.lowering.program import lower_strategy
from quantloom.market import Instrument, Kind
from quantloom.strategy import Strategy

SYMBOL = "TEST.LOCAL"
HEAD = "import math\nfrom quantloom.strategy import *\n"
_CELLS = itertools.count()


def write(text: str, name: str = "Written") -> type[Strategy]:
    """The class that a cell of a notebook defines."""
    file = f"<ipython-input-{next(_CELLS)}>"
    lines = (HEAD + text).splitlines(keepends=True)
    linecache.cache[file] = len(text), None, lines, file
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(HEAD + text, file, "exec"), space)
    found: type[Strategy] = space[name]
    return found


@cache
def with_body(body: str, **first: float) -> type[Strategy]:
    """A strategy with these lines in its callback; attributes are set before."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    found = write(f"class Written(Strategy):\n    def on_bar(self, ctx, bar):\n{lines}")
    for attribute, value in first.items():
        setattr(found, attribute, value)
    return found


def lower(strategy: type[Strategy]) -> Any:
    instrument = Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal("0.01"))
    return lower_strategy(strategy(), instrument, 4)


def in_python(strategy: type[Strategy], row: Mapping[str, float]) -> dict[str, float] | None:
    """The attributes after one call; None where it raises, or gives what is no real number."""
    made = strategy()
    try:
        made.on_bar(None, SimpleNamespace(**row))  # type: ignore[arg-type]
    except (ArithmeticError, ValueError):
        return None
    found = {name: value for name, value in vars(made).items() if name != "values"}
    return None if any(isinstance(one, complex) for one in found.values()) else found


def in_machine_code(
    strategy: type[Strategy], names: Sequence[str], row: Mapping[str, float]
) -> dict[str, float] | None:
    """The same of the compiled callback; None where it gives up."""
    known: Any = strategy
    lowered, callback = _built(known)
    state, desk = lowered.state.copy(), np.zeros(DESK)
    commands = np.zeros((COMMANDS, CELLS))
    values = [row.get(name, 1.0) for name in ("open", "high", "low", "close", "volume")]
    _call(callback, 0, *values, lowered.lines, state, desk, commands)
    if desk[FAULT] or desk[DOUBT]:
        return None
    assert desk[SENT] == 0
    return dict(zip(names, (state[lowered.slots[name]] for name in names), strict=True))


@cache
def _built(strategy: Any) -> tuple[Any, Any]:
    lowered = lower(strategy)
    return lowered, build(lowered.text)


@numba.njit
def _call(callback, row, open, high, low, close, volume, lines, state, desk, commands):  # type: ignore[no-untyped-def]  # noqa: A002
    return callback(row, open, high, low, close, volume, lines, state, desk, commands)


def same(left: float, right: float) -> bool:
    """Whether two floats are one, bit for bit, all NaN being alike."""
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return left == right and math.copysign(1.0, left) == math.copysign(1.0, right)
