"""Compiled arithmetic gives what Python gives, bit by bit, or gives up where Python raises."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.library.backtest.lowering.written import in_machine_code, in_python, same, with_body

FLOATS = st.floats(width=64) | st.sampled_from([0.0, -0.0, 0.5, 2.675, 1.005, -1.0, 3.0, 1e300])
PLAIN = """
self.sum = bar.open + bar.high
self.difference = bar.open - bar.high
self.product = bar.open * bar.high
self.least = min(bar.open, bar.high, 1)
self.most = max(bar.open, bar.high)
self.size = abs(bar.open)
self.sign = math.copysign(bar.open, bar.high)
self.chosen = bar.open if bar.open < bar.high else -bar.high
self.is_less = bar.open < bar.high <= 3
self.is_equal = bar.open == bar.high or not bar.high
self.is_nan = math.isnan(bar.open) and not math.isfinite(bar.high)
self.tanh = math.tanh(bar.open)
self.atan = math.atan(bar.open)
self.count += 1
self.flag = not self.flag
"""
NAMES = [line.split()[0].removeprefix("self.") for line in PLAIN.split("\n") if line]
RISKY = {
    "divided": "bar.open / bar.high",
    "floored": "bar.open // bar.high",
    "left over": "bar.open % bar.high",
    "power": "bar.open ** bar.high",
    "square": "bar.open ** 2",
    "cube": "bar.open ** 3 + bar.open ** 0.5",
    "root": "math.sqrt(bar.open)",
    "exp": "math.exp(bar.open)",
    "log": "math.log(bar.open) + math.log10(bar.open) + math.log2(bar.open)",
    "waves": "math.sin(bar.open) + math.cos(bar.open) * math.tan(bar.open)",
    "cut": "int(bar.open) + math.floor(bar.high) * 0.5 + math.ceil(bar.open)",
    "rounded": "round(bar.open) * 0.5 + round(bar.high)",
    "two places": "round(bar.open, 2) + round(bar.high, 5)",
}
WHOLE = {
    "floored": "int(bar.open) // int(bar.high)",
    "left over": "int(bar.open) % int(bar.high)",
    "product": "int(bar.open) * int(bar.high) - 3",
    "square": "int(bar.open) ** 2 + True",
}


@settings(max_examples=100)
@given(FLOATS, FLOATS)
def test_what_never_raises_is_the_same(left: float, right: float) -> None:
    strategy = with_body(PLAIN, **dict.fromkeys(NAMES, 0.0) | {"count": 3, "flag": False})
    row = {"open": left, "high": right}

    python, machine = in_python(strategy, row), in_machine_code(strategy, NAMES, row)

    assert python is not None
    assert machine is not None
    for name in NAMES:
        assert same(python[name], machine[name]), name


@pytest.mark.parametrize("formula", RISKY.values(), ids=RISKY)
@settings(max_examples=25)
@given(FLOATS, FLOATS | st.integers(-20, 20).map(float))
@example(2.675, 1.005)
@example(-7.0, 2.0)
@example(7.5, -2.5)
@example(0.0, -1.0)
def test_what_raises_gives_up(formula: str, left: float, right: float) -> None:
    agree(formula, left, right)


@pytest.mark.parametrize("formula", WHOLE.values(), ids=WHOLE)
@settings(max_examples=25)
@given(st.integers(-100, 100).map(float), st.integers(-(2**40), 2**40).map(float))
@example(-7.0, 2.0)
@example(7.0, 0.0)
def test_whole_numbers_are_whole(formula: str, left: float, right: float) -> None:
    agree(formula, left, right)


def agree(formula: str, left: float, right: float) -> None:
    strategy = with_body(f"self.found = {formula}", found=0.0)
    row = {"open": left, "high": right}
    python, machine = in_python(strategy, row), in_machine_code(strategy, ["found"], row)
    if machine is None:
        # It may give up more often than Python, never less: past 2**53, or past a float's digits.
        is_far = not max(abs(left), abs(right)) < 1e9 or math.isnan(right)
        assert python is None or is_far
    else:
        assert python is not None
        assert same(float(python["found"]), machine["found"])
