"""Dates that can be read day or month first: what tells, what is asked, and what was said."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from quantloom.data import DatesNeeded, Hints, read_bars
from quantloom.data.readers import Mapping, WrongDates, map_file
from quantloom.errors import QuantloomError
from tests.library.data.builders import csv_of, write_text

ONE_DAY = tuple(f"03/04/2024 09:{minute}" for minute in range(31, 36))


def file_of(folder: Path, times: Sequence[str], name: str = "AAPL.csv") -> Path:
    rows = [f"{time},10,12,9,11,{100 + row}" for row, time in enumerate(times)]
    return write_text(folder, csv_of(*rows), name=name)


def found(folder: Path, times: Sequence[str], name: str = "AAPL.csv") -> Mapping:
    return map_file(file_of(folder, times, name))[0].mapping


def days(first: date, count: int, form: str) -> list[str]:
    return [f"{first + timedelta(days=step):{form}}" for step in range(count)]


def test_one_day_of_two_readings_is_asked_for_with_both(tmp_path: Path) -> None:
    mapping = found(tmp_path, ONE_DAY)

    (question,) = mapping.questions
    assert (question.about, question.flag, question.default) == ("dates", "--dates", None)
    assert "'03/04/2024 09:31' is 2024-04-03 with the day first, 2024-03-04" in question.text
    assert mapping.confidence == 0
    assert "dates" in mapping.doubts()


def test_nobody_reads_dates_of_two_readings_unasked(tmp_path: Path) -> None:
    path = file_of(tmp_path, ONE_DAY)

    with pytest.raises(DatesNeeded, match="2024-04-03 with the day first"):
        read_bars(path)


@pytest.mark.parametrize(
    ("said", "day"), [("day-first", "2024-04-03"), ("month-first", "2024-03-04")]
)
def test_what_was_said_is_read(said: str, day: str, tmp_path: Path) -> None:
    bars = read_bars(file_of(tmp_path, ONE_DAY), hints=Hints(dates=said)).bars

    assert str(bars.ts[0].astype("datetime64[ns]")).startswith(day)


@pytest.mark.parametrize(
    ("times", "name", "order", "reason"),
    [
        (["12/04/2024", "13/04/2024"], "AAPL.csv", "day-first", "'13/04/2024' can only be so"),
        (ONE_DAY, "AAPL_20240403.csv", "day-first", "the file's name"),
        (ONE_DAY, "AAPL_20240304.csv", "month-first", "the file's name"),
        (ONE_DAY, "DAT_AAPL_M1_202404.csv", "day-first", "the file's name"),
        (["06/04/2024 09:30", "06/04/2024 09:31"], "AAPL.csv", "month-first", "market rests"),
        (["04/06/2024 22:30", "04/06/2024 22:31"], "EURUSD.FX.csv", "day-first", "market rests"),
        (days(date(2024, 4, 1), 10, "%d/%m/%Y"), "BTC-USDT.BINANCE.csv", "day-first", "follow"),
        (days(date(2024, 4, 1), 10, "%m/%d/%Y"), "BTC-USDT.BINANCE.csv", "month-first", "follow"),
        (
            [f"01/{month:02}/{year}" for year in (2022, 2023, 2024) for month in range(1, 13)],
            "unknown.csv",
            "day-first",
            "follow",
        ),
        (
            [f"{month:02}/01/{year}" for year in (2022, 2023, 2024) for month in range(1, 13)],
            "unknown.csv",
            "month-first",
            "follow",
        ),
        (["03/05/2024", "08/05/2024", "02/06/2024"], "unknown.csv", "day-first", "in order"),
        ([time.replace("/", ".") for time in ONE_DAY], "AAPL.csv", "day-first", "dots"),
    ],
)  # fmt: skip
def test_the_order_is_told_by_what_the_file_holds(
    times: Sequence[str], name: str, order: str, reason: str, tmp_path: Path
) -> None:
    dates = found(tmp_path, times, name).dates

    assert dates.value == order
    assert reason in "; ".join(dates.reasons)


@pytest.mark.parametrize(
    ("times", "name"),
    [
        (["06/04/2024 09:30", "06/04/2024 09:31"], "BTC-USDT.BINANCE.csv"),
        (["06/04/2024 09:30", "06/04/2024 09:31"], "unknown.csv"),
        ([f"01/{month:02}/2024" for month in range(1, 13)], "BTC-USDT.BINANCE.csv"),
        (["03/04/2024", "05/09/2024", "07/11/2024"], "AAPL.csv"),
    ],
)
def test_what_speaks_for_neither_order_is_asked(
    times: Sequence[str], name: str, tmp_path: Path
) -> None:
    assert [one.about for one in found(tmp_path, times, name).questions] == ["dates"]


@pytest.mark.parametrize("time", ["2024-04-03 09:30", "04/04/2024 09:30", "3 Apr 2024 09:30"])
def test_dates_of_one_reading_leave_no_doubt(time: str, tmp_path: Path) -> None:
    mapping = found(tmp_path, [time, time.replace(":30", ":31")])

    assert (mapping.dates.value, mapping.dates.confidence) == ("", 1)
    assert mapping.questions == ()


def test_an_order_that_the_cells_refute_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, ["12/04/2024", "13/04/2024"])

    with pytest.raises(WrongDates, match="'13/04/2024' can only be day-first"):
        map_file(path, hints=Hints(dates="month-first"))


def test_an_order_that_nobody_knows_is_refused() -> None:
    with pytest.raises(QuantloomError, match="not one of day-first, month-first"):
        Hints(dates="sideways")


def test_the_order_travels_in_a_mapping_file(tmp_path: Path) -> None:
    sure = found(tmp_path, ["12/04/2024", "13/04/2024"])

    said = Hints.from_toml(sure.to_toml())
    bars = read_bars(file_of(tmp_path, ["03/04/2024", "04/04/2024"]), hints=said).bars

    assert said.dates == "day-first"
    assert np.datetime_as_string(bars.ts.astype("datetime64[ns]"), unit="D").tolist() == [
        "2024-04-03",
        "2024-04-04",
    ]
