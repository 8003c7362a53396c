"""The entries that TA-Lib computes: complete, and with TA-Lib's own numbers and warm-up."""

from typing import Any

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from talib.abstract import Function  # type: ignore[attr-defined]

from quantloom.indicators import IndicatorDefinition, list_indicators
from tests.library.indicators.builders import bar_at, bound, random_bars, walks

ENTRIES = [entry for entry in list_indicators() if entry.source == f"TA-Lib {entry.name}"]
TALIB = pytest.mark.parametrize("definition", ENTRIES, ids=lambda entry: entry.name)

LEFT_OUT = {
    "a function of one number": {
        *("ACOS", "ASIN", "ATAN", "CEIL", "COS", "COSH", "EXP", "FLOOR", "LN", "LOG10", "SIN"),
        *("SINH", "SQRT", "TAN", "TANH"),
    },
    "arithmetic": {"ADD", "SUB", "MULT", "DIV", "CUMSUM"},
    "wants a second series": {"BETA", "MAVP"},
    "gives row numbers": {"MAXINDEX", "MININDEX", "MINMAXINDEX"},
    "one of the averages, chosen by number": {"MA"},
    "meaningless numbers where there is no volume": {"VWMA", "VWAP", "RVOL"},
}


def test_every_function_of_talib_is_here_or_left_out_for_a_reason() -> None:
    functions: list[str] = talib.get_functions()  # type: ignore[no-untyped-call]
    left_out = set().union(*LEFT_OUT.values())
    here = {entry.name for entry in ENTRIES}

    assert here | left_out == set(functions)
    assert not here & left_out


@TALIB
@settings(max_examples=max(6, settings().max_examples // 40), deadline=None)
@given(data=st.data())
def test_values_are_those_of_a_direct_call(
    definition: IndicatorDefinition, data: st.DataObject
) -> None:
    chosen, bars = data.draw(bound(definition)), data.draw(walks(min_size=40))
    inputs = [getattr(bars, name).copy() for name in definition.inputs]
    names = Function(definition.name).info["parameters"]
    parameters = dict(zip(theirs(definition, names), chosen.parameters.values(), strict=True))

    result = getattr(talib, definition.name)(*inputs, **parameters)

    expected = result if isinstance(result, tuple) else (result,)
    for found, wanted in zip(chosen.compute(bars).values(), expected, strict=True):
        np.testing.assert_array_equal(found[chosen.warm_up :], wanted[chosen.warm_up :])


@TALIB
@settings(max_examples=max(8, settings().max_examples // 40), deadline=None)
@given(data=st.data())
def test_the_warm_up_is_the_lookback_of_talib(
    definition: IndicatorDefinition, data: st.DataObject
) -> None:
    chosen = data.draw(bound(definition))
    function = Function(definition.name)
    names = theirs(definition, function.info["parameters"])
    values: dict[str, Any] = dict(zip(names, chosen.parameters.values(), strict=True))
    if values:
        function.set_parameters(values)

    assert chosen.warm_up == function.lookback


def theirs(definition: IndicatorDefinition, names: dict[str, Any]) -> list[str]:
    """TA-Lib's parameters that ours stand for: those left out are averages and a factor."""
    kept = {"APO", "PPO", "PVO", "MACDEXT"}
    return [
        name
        for name in names
        if (definition.name in kept or "matype" not in name)
        and (definition.name, name) != ("VAR", "nbdev")
    ]


@TALIB
def test_columns_are_read_in_the_order_of_talib(definition: IndicatorDefinition) -> None:
    wanted: list[str] = []
    for column in Function(definition.name).info["input_names"].values():
        wanted += column if isinstance(column, list) else [column]

    if definition.name == "CORREL":
        wanted = ["close", "volume"]
    assert list(definition.inputs) == wanted


def test_a_pattern_that_is_there_is_told_on_its_last_bar() -> None:
    engulfing = next(entry for entry in ENTRIES if entry.name == "CDLENGULFING").bind()
    opens = np.array([10.0, 10.0, 10.0, 8.5, 10.6])
    closes = np.array([10.0, 10.0, 9.0, 10.5, 10.5])

    values = engulfing.compute_arrays(
        opens, np.maximum(opens, closes) + 0.1, np.minimum(opens, closes) - 0.1, closes
    )["value"]

    # The fall on the third bar swallows a body that ends where it begins: 80, not 100.
    np.testing.assert_array_equal(values, [np.nan, np.nan, -80.0, 100.0, 0.0])


@TALIB
def test_values_are_floats_while_streaming(definition: IndicatorDefinition) -> None:
    stream, bars = definition.bind().stream(), random_bars(150)

    rows = [stream.update(bar_at(bars, row)) for row in range(150)]

    assert {type(value) for values in rows for value in values} == {float}
