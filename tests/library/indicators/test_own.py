"""Users' own indicators beside the built-in ones."""

from typing import Annotated, Any

import numpy as np
import pytest

from quantloom.errors import Invalid
from quantloom.indicators import (
    BadIndicatorDefinition,
    BadIndicatorOutput,
    BadIndicatorParameter,
    Bounds,
    IndicatorExists,
    NoStreamingTwin,
    catalog,
    get_indicator,
    indicator,
)
from quantloom.kit import FloatArray
from tests.library.indicators.builders import bar_at, make_bars, stream_over


@pytest.fixture(autouse=True)
def catalog_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_definitions", dict(catalog._definitions))


class RangeTwin:
    def __init__(self, factor: float) -> None:
        self._factor = factor

    def update(self, high: float, low: float) -> float:
        return self._factor * (high - low)


def span(
    high: FloatArray, low: FloatArray, factor: Annotated[float, Bounds(0.5, 4.0)] = 1.0
) -> FloatArray:
    """High less low.

    More words that the catalog does not show.
    """
    return factor * (high - low)


def add_span(**changes: Any) -> None:
    described: dict[str, Any] = {
        "name": "SPAN",
        "group": "volatility",
        "inputs": ("high", "low"),
        "warm_up": lambda factor: 0,
    }
    indicator(**described | changes)(span)


def test_a_decorated_function_joins_the_catalog() -> None:
    add_span()

    definition = get_indicator("SPAN")
    assert definition.description == "High less low."
    assert str(definition) == "SPAN: factor: float = 1.0 (0.5 to 4.0)"
    assert definition.source == f"{__name__}.span"
    with pytest.raises(BadIndicatorParameter, match="factor must lie from 0"):
        definition.bind(9)


def test_an_own_indicator_computes_and_streams_the_same() -> None:
    add_span(streaming=RangeTwin)
    chosen, bars = get_indicator("SPAN").bind(2.0), make_bars([10.0, 12.0, 9.0])

    values = chosen.compute(bars)["value"]

    np.testing.assert_array_equal(values, [0.0, 4.0, 6.0])
    np.testing.assert_array_equal(stream_over(chosen, bars)["value"], values)


def test_the_decorated_function_stays_a_plain_function() -> None:
    @indicator(name="TWICE", group="own", warm_up=lambda times: 0)
    def twice(close: FloatArray, times: int = 2) -> FloatArray:
        return times * close

    assert twice(np.array([1.0]))[0] == 2.0


def test_several_outputs_come_by_name() -> None:
    @indicator(name="ENDS", group="own", outputs=("double", "half"), warm_up=lambda: 0)
    def ends(close: FloatArray) -> tuple[FloatArray, FloatArray]:
        return 2 * close, close / 2

    values = get_indicator("ENDS").bind().compute(make_bars([8.0]))

    assert {name: column.tolist() for name, column in values.items()} == {
        "double": [16.0],
        "half": [4.0],
    }


def test_without_a_twin_streaming_is_refused_with_the_way_to_add_one() -> None:
    add_span()

    with pytest.raises(NoStreamingTwin, match="streaming=Twin") as caught:
        get_indicator("SPAN").bind().stream()

    assert caught.value.code == "indicator.no_streaming_twin"
    assert isinstance(caught.value, Invalid)


def test_a_notebook_cell_may_run_again_and_replaces_its_indicator() -> None:
    add_span()
    add_span(group="own")

    assert get_indicator("SPAN").group == "own"


def test_an_own_indicator_cannot_take_a_built_in_name() -> None:
    with pytest.raises(IndicatorExists, match="SMA is taken by TA-Lib SMA"):
        add_span(name="SMA")


def test_columns_of_another_length_than_the_bars_are_refused() -> None:
    @indicator(name="SHORT", group="own", warm_up=lambda: 1)
    def short(close: FloatArray) -> FloatArray:
        return np.diff(close)

    with pytest.raises(BadIndicatorOutput, match=r"gave 1 array\(s\) of shape \(1,\)"):
        get_indicator("SHORT").bind().compute(make_bars([1.0, 2.0]))


def test_a_twin_that_gives_too_few_values_is_refused() -> None:
    add_span(streaming=RangeTwin, outputs=("upper", "lower"))
    stream = get_indicator("SPAN").bind().stream()

    with pytest.raises(BadIndicatorOutput, match="for its outputs upper, lower"):
        stream.update(bar_at(make_bars([1.0]), 0))


def no_default(close: FloatArray, period: int) -> FloatArray:
    return close * period


def text_parameter(close: FloatArray, mode: str = "fast") -> FloatArray:
    return close if mode == "fast" else -close


def default_out_of_bounds(
    close: FloatArray, period: Annotated[int, Bounds(2, 9)] = 1
) -> FloatArray:
    return close * period


def reserved_name(close: FloatArray, source: int = 1) -> FloatArray:
    return close * source


def no_inputs() -> FloatArray:
    return np.zeros(1)


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (no_default, "period needs an int or float default"),
        (text_parameter, "mode needs an int or float default"),
        (default_out_of_bounds, "the default of period must lie from 2 to 9, not 1"),
        (reserved_name, "source says which column is read; name the parameter otherwise"),
        (no_inputs, "the function must take close first"),
    ],
)
def test_a_function_that_cannot_serve_is_refused_with_the_reason(
    function: Any, problem: str
) -> None:
    with pytest.raises(BadIndicatorDefinition) as caught:
        indicator(name="BROKEN", group="own", warm_up=lambda **_: 0)(function)

    assert caught.value.problem == problem
    assert "Annotated[int, Bounds(2, 200)]" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"inputs": ("high", "bid")}, "inputs must be some of open, high, low, close, volume"),
        ({"inputs": ()}, "inputs must be some of"),
        ({"warm_up": lambda: 0}, "warm_up does not fit"),
        ({"warm_up": lambda factor: -1}, "warm_up gives -1 bars"),
    ],
)
def test_a_description_that_does_not_fit_the_function_is_refused(
    changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(BadIndicatorDefinition, match=problem):
        add_span(**changes)


def test_an_annotation_that_cannot_be_read_is_refused() -> None:
    def unread(close: "NoSuchType") -> Any:  # type: ignore[name-defined]  # noqa: F821
        return close

    with pytest.raises(BadIndicatorDefinition, match="NoSuchType"):
        indicator(name="UNREAD", group="own", warm_up=lambda: 0)(unread)
