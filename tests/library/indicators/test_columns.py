"""Computing without bars, and reading another column than an indicator's own."""

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from quantloom.errors import Invalid
from quantloom.indicators import (
    SOURCES,
    BadIndicatorInput,
    BadIndicatorSource,
    compute,
    get_indicator,
)
from tests.library.indicators.builders import make_bars, random_bars, stream_over

BARS = random_bars(80)
FRAME = pd.DataFrame({name: getattr(BARS, name) for name in ("open", "high", "low", "close")})


@pytest.mark.parametrize(
    "data",
    [
        BARS,
        FRAME,
        FRAME.rename(columns=str.title),
        {"close": BARS.close},
        {"close": BARS.close.tolist()},
        BARS.close,
        BARS.close.tolist(),
        FRAME["close"],
    ],
    ids=["bars", "frame", "Frame", "mapping", "lists", "array", "list", "series"],
)
def test_the_same_prices_give_the_same_values_in_any_shape(data: Any) -> None:
    values = compute("RSI", data, 14)["value"]

    np.testing.assert_array_equal(values, get_indicator("RSI").bind(14).compute(BARS)["value"])


def test_a_frame_takes_the_outputs_as_columns() -> None:
    frame = FRAME.assign(**compute("BBANDS", FRAME, period=20))

    assert list(frame.columns[-3:]) == ["upper", "middle", "lower"]
    assert frame["upper"].iloc[19:].ge(frame["lower"].iloc[19:]).all()


def test_an_indicator_of_another_ones_output_starts_where_that_one_does() -> None:
    strength = compute("RSI", BARS, 14)["value"]

    smooth = compute("SMA", strength, 5)["value"]

    assert np.isnan(smooth[:18]).all()
    np.testing.assert_allclose(smooth[18], strength[14:19].mean())


def test_a_stream_feeds_another_one() -> None:
    strength, smooth = get_indicator("RSI").bind(14).stream(), get_indicator("SMA").bind(5).stream()

    streamed = [
        smooth.update_values(*strength.update_values(price))[0] for price in BARS.close.tolist()
    ]

    chained = compute("SMA", compute("RSI", BARS, 14)["value"], 5)["value"]
    np.testing.assert_array_equal(streamed, chained)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_the_mean_of_its_columns_in_batch_and_stream(source: str) -> None:
    chosen = get_indicator("EMA").bind(4, source=source)

    values = chosen.compute(BARS)["value"]

    mean = np.mean([getattr(BARS, name) for name in SOURCES[source]], axis=0)
    np.testing.assert_allclose(values, compute("EMA", mean, 4)["value"], rtol=1e-13)
    np.testing.assert_array_equal(stream_over(chosen, BARS)["value"], values)


def test_a_label_shows_the_source() -> None:
    assert get_indicator("RSI").bind(14, source="hl2").label == "RSI(14, source=hl2)"
    assert get_indicator("RSI").bind(14, source="hl2") != get_indicator("RSI").bind(14)


@pytest.mark.parametrize(
    ("name", "source", "advice"),
    [
        ("RSI", "median", "source is one of open, high, low, close, volume, hl2"),
        ("ATR", "hl2", "ATR reads high, low, close, so it takes no source"),
    ],
)
def test_a_source_that_cannot_be_is_refused(name: str, source: str, advice: str) -> None:
    with pytest.raises(BadIndicatorSource, match=advice) as caught:
        get_indicator(name).bind(source=source)

    assert isinstance(caught.value, Invalid)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "source", "found"),
    [
        ("ATR", {"close": [1.0]}, None, "was given columns close"),
        ("ATR", [1.0, 2.0], None, r"1 array\(s\) of shape \(2,\)"),
        (
            "ATR",
            {"high": [2.0], "low": [1.0], "close": [1.0, 2.0]},
            None,
            r"\(1,\), \(1,\), \(2,\)",
        ),
        ("SMA", [[1.0], [2.0]], None, r"shape \(2, 1\)"),
        ("SMA", ["dear"], None, "could not convert string"),
        ("SMA", [1.0, 2.0], "hl2", "SMA reads high, low and was given one array"),
    ],
)
def test_data_that_lacks_what_is_read_is_refused(
    name: str, data: Any, source: str | None, found: str
) -> None:
    with pytest.raises(BadIndicatorInput, match=found) as caught:
        compute(name, data, source=source)

    assert caught.value.code == "indicator.bad_input"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_array_of_whole_numbers_serves() -> None:
    values = compute("SMA", np.arange(5), 2)["value"]

    np.testing.assert_array_equal(values, [math.nan, 0.5, 1.5, 2.5, 3.5])


def test_a_volume_may_be_averaged() -> None:
    bars = make_bars([1.0, 2.0, 3.0], volume=[4.0, 6.0, 8.0])

    assert compute("SMA", bars, 2, source="volume")["value"][1:].tolist() == [5.0, 7.0]
