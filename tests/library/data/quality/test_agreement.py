"""Two sources of one instrument: what differs, and what it looks like."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from quantloom.data import read_bars, read_file
from quantloom.data.quality import compare_sources
from quantloom.kit import freeze
from quantloom.market import Bars, BarsDoNotJoin, EmptyRange
from tests.library.data.quality.builders import HOUR_NS, clean
from tests.shared_data import SHARED, needs_shared


def scaled(bars: Bars, name: str, factor: object) -> Bars:
    column = freeze(np.asarray(getattr(bars, name) * factor))
    return replace(bars, **{name: column})  # type: ignore[arg-type]


def test_a_source_agrees_with_itself_whatever_it_is_called() -> None:
    bars = clean()

    found = compare_sources(bars, replace(bars, symbol="MINE.LOCAL"))

    assert (found.agrees, found.common, found.says()) == (True, len(bars), ())
    assert found.symbols == ("600000.SSE", "MINE.LOCAL")


def test_bars_of_one_source_alone_are_counted_within_the_span_of_both() -> None:
    bars = clean()

    found = compare_sources(bars[:-20], bars[10:][np.r_[0:40, 42 : len(bars) - 10]])

    assert (found.only_first, found.only_second) == (2, 0)
    assert found.missing_second == (bars[50:51].start, bars[51:52].start)
    assert found.says() == (f"2 bar(s) are only in the first, from {bars[50:51].start:%F %H:%M}.",)


def test_closes_beyond_the_tolerance_are_counted_and_shown() -> None:
    bars = clean()
    factor = np.ones(len(bars))
    factor[[7, 9]] = 0.998, 0.9995
    low = scaled(bars, "low", 0.9)

    found = compare_sources(low, scaled(low, "close", factor))

    close = found.find("close")
    assert close is not None
    assert (close.differing, close.worst) == (1, bars[7:8].start)
    assert close.largest == pytest.approx(0.002)
    (example,) = found.examples
    assert example.values["second"] == pytest.approx(example.values["first"] * 0.998)
    assert not compare_sources(low, scaled(low, "close", factor), tolerance=0.0021).says()


def test_volume_in_another_unit_is_told_by_its_factor() -> None:
    bars = clean()

    found = compare_sources(bars, scaled(bars, "volume", 0.01))

    volume = found.find("volume")
    assert volume is not None
    assert volume.is_scaled
    assert volume.ratio == pytest.approx(0.01)
    assert found.says() == ("volume of the second is 0.01 times that of the first: a unit?",)


def test_volumes_without_one_factor_are_no_unit() -> None:
    bars = clean()
    random = np.random.default_rng(1).uniform(0.5, 1.5, len(bars))

    volume = compare_sources(bars, scaled(bars, "volume", random)).find("volume")

    assert volume is not None
    assert not volume.is_scaled


def test_prices_that_are_adjusted_in_one_source_are_suspected() -> None:
    bars = clean(timeframe="1d", days=300)
    factor = np.where(np.arange(len(bars)) < 100, 0.5, 1.0)
    adjusted = bars
    for name in ("open", "high", "low", "close"):
        adjusted = scaled(adjusted, name, factor)

    found = compare_sources(bars, adjusted)

    assert found.says()[-1] == (
        "The ratio of the closes changes 1 time(s) and stays: one of the two looks adjusted."
    )


@pytest.mark.parametrize("hours", [-8, 8, 5 / 60])
def test_times_that_are_moved_are_told_with_what_mends_them(hours: float) -> None:
    bars = clean(symbol="BTC-USDT.BINANCE", days=10, price=100.0)
    by = timedelta(hours=hours)

    found = compare_sources(bars, replace(bars, ts=freeze(bars.ts - int(hours * HOUR_NS))))

    assert found.shift is not None
    assert (found.shift.by, found.agrees) == (by, False)
    assert found.shift.correlation > 0.99
    assert abs(found.shift.unmoved) < 0.3
    assert "looks moved in time" in found.says()[0]


def test_two_markets_are_not_one_that_was_moved() -> None:
    one, other = (clean(seed=seed) for seed in (1, 2))

    found = compare_sources(one, other)

    assert found.shift is None
    assert not found.agrees


def test_bars_that_cannot_be_compared_are_refused() -> None:
    bars = clean()

    with pytest.raises(BarsDoNotJoin, match="5m and 1d"):
        compare_sources(bars, clean(timeframe="1d"))
    with pytest.raises(EmptyRange):
        compare_sources(bars[:10], bars[10:])


@needs_shared
def test_the_unlabelled_adjustment_of_a_file_shows_beside_the_raw_prices() -> None:
    raw = read_bars(SHARED / "data/bars/cn_stock/600000.SH.1d.parquet", on_bad="drop").bars
    adjusted = read_file(SHARED / "data/raw/tushare/600000.SH.csv", on_bad="drop").bars[0].bars

    found = compare_sources(raw, adjusted)

    fields = {one.name: one for one in found.fields}
    assert (fields["volume"].differing, fields["turnover"].differing) == (0, 0)
    assert (found.common, fields["close"].steps) == (1_420, 6)
    assert "looks adjusted" in found.says()[-1]
