"""The catalog: finding indicators, choosing their parameters, adding to them."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from quantloom.errors import Conflict, Invalid, NotFound
from quantloom.indicators import (
    BadIndicatorParameter,
    IndicatorDefinition,
    IndicatorExists,
    IndicatorNotFound,
    get_indicator,
    list_aliases,
    list_indicators,
    register,
)
from tests.library.indicators.builders import CATALOG, bar_at, random_bars


def test_the_catalog_is_sorted_by_group_and_name() -> None:
    keys = [(entry.group, entry.name) for entry in list_indicators()]

    assert keys == sorted(keys)
    assert ("overlap", "SMA") in keys


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("sma", ("SMA",)), ("BBAND", ("BBANDS",)), ("MADC", ("MACD",)), ("zigzag", ())],
)
def test_an_unknown_name_is_answered_with_those_that_come_close(
    asked: str, offered: tuple[str, ...]
) -> None:
    with pytest.raises(IndicatorNotFound) as caught:
        get_indicator(asked)

    assert caught.value.close_matches[: len(offered)] == offered
    assert (caught.value.code, caught.value.name) == ("indicator.unknown", asked)
    assert isinstance(caught.value, NotFound)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_indicator_is_found_by_its_other_names() -> None:
    names = {entry.name for entry in list_indicators()}

    assert get_indicator("BOLL") is get_indicator("BBANDS")
    assert set(list_aliases().values()) <= names
    assert not set(list_aliases()) & names


def test_a_new_indicator_cannot_take_another_name_of_one() -> None:
    with pytest.raises(IndicatorExists, match="the name BOLL is taken by TA-Lib BBANDS"):
        register(replace(get_indicator("EMA"), name="BOLL", source="mine"))


def test_parameters_are_taken_by_position_and_by_name() -> None:
    macd = get_indicator("MACD")

    assert macd.bind(5, signal=4).parameters == {"fast": 5, "slow": 26, "signal": 4}
    assert macd.bind(5, signal=4) == macd.bind(fast=5, slow=26, signal=4)


def test_a_label_names_the_indicator_and_its_parameters() -> None:
    assert get_indicator("SMA").bind(10).label == "SMA(10)"
    assert get_indicator("BBANDS").bind(20, 1.5).label == "BBANDS(20, 1.5, 2.0)"


def test_numpy_numbers_become_plain_ones() -> None:
    drawn: tuple[Any, Any] = (np.int64(7), np.float32(1.5))

    chosen = get_indicator("STDDEV").bind(*drawn)

    assert chosen.label == "STDDEV(7, 1.5)"
    assert [type(value) for value in chosen.parameters.values()] == [int, float]


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "problem"),
    [
        ("SMA", (0,), {}, "period must lie from 1 to 100000, not 0"),
        ("RSI", (1,), {}, "period must lie from 2 to 100000, not 1"),
        ("SMA", (10.0,), {}, "period must be a whole number, not 10.0"),
        ("SMA", (True,), {}, "period must be a whole number, not True"),
        ("SMA", ("10",), {}, "period must be a whole number, not '10'"),
        ("STDDEV", (5, float("nan")), {}, "deviations must lie from 0.0 to 100.0, not nan"),
        ("STDDEV", (5, float("inf")), {}, "deviations must lie from 0.0 to 100.0, not inf"),
        ("STDDEV", (5, "x"), {}, "deviations must be a number, not 'x'"),
        ("SMA", (10, 20), {}, "2 values were given for 1 parameter(s)"),
        ("SMA", (), {"length": 10}, "there is no parameter 'length'"),
        ("SMA", (10,), {"period": 10}, "period was given twice"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_with_the_reason(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], problem: str
) -> None:
    with pytest.raises(BadIndicatorParameter) as caught:
        get_indicator(name).bind(*args, **kwargs)

    assert caught.value.problem == problem
    assert caught.value.code == "indicator.bad_parameter"
    assert isinstance(caught.value, Invalid)
    assert "it takes period: int = " in str(caught.value)


GROUPS = {
    *("overlap", "momentum", "volume", "volatility", "price", "statistic", "cycle", "pattern"),
}


@CATALOG
def test_every_entry_describes_itself(definition: IndicatorDefinition) -> None:
    assert definition.description.endswith(".")
    assert definition.description[0].isupper() or definition.description[0].isdigit()
    assert definition.source
    assert definition.group in GROUPS
    assert set(definition.inputs) <= {"open", "high", "low", "close", "volume"}


@CATALOG
def test_the_least_and_the_greatest_parameters_compute(definition: IndicatorDefinition) -> None:
    bars = random_bars(50)
    for side in ("low", "high"):
        limits = {entry.name: getattr(entry, side) for entry in definition.parameters}

        chosen = definition.bind(**limits)

        assert len(chosen.compute(bars)) == len(definition.outputs)
        assert np.isnan(chosen.stream().update(bar_at(bars, 0))).any() == (chosen.warm_up > 0)


def test_a_taken_name_is_not_given_away() -> None:
    sma, ema = get_indicator("SMA"), get_indicator("EMA")

    with pytest.raises(IndicatorExists, match="taken by TA-Lib SMA") as caught:
        register(replace(ema, name="SMA"))

    assert isinstance(caught.value, Conflict)
    assert get_indicator("SMA") is sma
