"""One call with whatever is at hand: a class or a name, bars, a frame or a file."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import quantloom
from quantloom.backtest import (
    BacktestSpec,
    BadRunSetting,
    OtherInstrument,
    backtest,
    run_backtest,
)
from quantloom.backtest.preparing import moment_of
from quantloom.data import random_walk
from quantloom.market import Instrument, Kind
from quantloom.simulation import Slippage
from quantloom.strategy import FixedSize
from quantloom.strategy.presets import SmaCross
from quantloom.trading import Commission, Margin

D = Decimal
BARS = random_walk(400, seed=5, symbol="DATA.LOCAL")


def test_bars_and_a_frame_of_them_give_the_same_result() -> None:
    from_bars = backtest("sma-cross", BARS)
    from_frame = backtest("sma-cross", BARS.to_frame())

    assert len(from_bars.fills) > 5
    assert from_bars.hashes == from_frame.hashes


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_is_read(as_text: bool, tmp_path: Path) -> None:
    path = tmp_path / "DATA.LOCAL.csv"
    BARS.to_frame().to_csv(path)

    result = backtest("sma-cross", str(path) if as_text else path)

    assert result.fills["price"].tolist() == backtest("sma-cross", BARS).fills["price"].tolist()


def test_a_class_and_its_name_run_alike() -> None:
    by_class, by_name = backtest(SmaCross, BARS), backtest("sma-cross", BARS)

    assert by_class.hashes.result == by_name.hashes.result
    assert (by_class.spec.strategy, by_name.spec.strategy) == ("SmaCross", "sma-cross")


def test_short_forms_stand_for_the_long_ones() -> None:
    short = backtest("sma-cross", BARS, commission=0.001, margin=0.5, slippage=2, size="3")
    instrument = Instrument(symbol="DATA.LOCAL", kind=Kind.STOCK, tick_size=D("0.01"))

    long = run_backtest(
        BacktestSpec(
            strategy="sma-cross",
            instruments=(instrument,),
            timeframe="1m",
            commission=Commission.percent("0.001"),
            margin=Margin(D("0.5"), D("0.5")),
            slippage=Slippage(D(2), D(0)),
            sizing=FixedSize(D(3)),
        ),
        SmaCross,
        BARS,
    )

    assert long.hashes.result == short.hashes.result
    assert long.spec.parameters == {"fast": 10, "slow": 30}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (None, None),
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-01-31T09:30", datetime(2024, 1, 31, 9, 30, tzinfo=UTC)),
        ("2024-01-31T09:30+08:00", datetime(2024, 1, 31, 1, 30, tzinfo=UTC)),
        (date(2024, 1, 31), datetime(2024, 1, 31, tzinfo=UTC)),
        (pd.Timestamp("2024-01-31 09:30"), datetime(2024, 1, 31, 9, 30, tzinfo=UTC)),
        (pd.Timestamp("2024-01-31", tz="UTC"), datetime(2024, 1, 31, tzinfo=UTC)),
        (datetime(2024, 1, 31, 5), datetime(2024, 1, 31, 5, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_moments_without_a_zone_are_utc(given: str | date | None, read: datetime | None) -> None:
    assert moment_of(given) == read


def test_the_packages_own_names_are_those_of_its_parts() -> None:
    assert quantloom.BacktestSpec is BacktestSpec
    assert quantloom.run_backtest is run_backtest


def test_detail_that_is_no_finer_is_refused() -> None:
    with pytest.raises(BadRunSetting, match="finer than the 1m bars"):
        backtest("sma-cross", BARS, detail=BARS)


def test_an_instrument_without_bars_is_refused() -> None:
    stray = Instrument(symbol="STRAY.LOCAL", kind=Kind.STOCK, tick_size=D("0.01"))

    with pytest.raises(OtherInstrument, match="STRAY"):
        backtest("sma-cross", {"DATA.LOCAL": BARS}, instrument={"STRAY.LOCAL": stray})


def test_no_data_and_a_part_of_a_bar_of_latency_are_refused() -> None:
    with pytest.raises(BadRunSetting, match="bars of one instrument at least"):
        backtest("sma-cross", {})
    with pytest.raises(BadRunSetting, match="a whole number of bars"):
        backtest("sma-cross", BARS, latency=0.5)  # type: ignore[arg-type]
