"""Times and numbers in all their spellings, among them any that a program may write."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data.readers.figures import NO_VALUE, read_figures
from quantloom.data.readers.moments import guess_written, read_moments
from quantloom.data.readers.written import Written

DAYS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 12, 31))  # noqa: DTZ001
CN_DAYS = "一二三四五六日"


def column(*cells: str | None) -> "pa.ChunkedArray[pa.StringScalar]":
    return pa.chunked_array([pa.array(list(cells), pa.string())])


def read(*cells: str) -> list[datetime | None]:
    """Cells as the times that they are taken for; None where unreadable."""
    cells_ = column(*cells)
    written, _ = guess_written(cells_)
    found = read_moments(cells_, written)
    utc = found.ns if found.offset is None else found.ns - found.offset
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        None if bad else epoch + timedelta(microseconds=int(ns) // 1_000)
        for ns, bad in zip(utc, found.unreadable, strict=True)
    ]


def at(  # as datetime takes them
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-01-02", at(2024, 1, 2)),
        ("2024-01-02 09:30", at(2024, 1, 2, 9, 30)),
        ("2024-01-02T09:30:00.250", at(2024, 1, 2, 9, 30, 0, 250_000)),
        ("2024.01.02T09:30:00.000", at(2024, 1, 2, 9, 30)),
        ("2024/1/2 9:5", at(2024, 1, 2, 9, 5)),
        ("2017-3-3 13:22:0", at(2017, 3, 3, 13, 22)),
        ("2020/1/2 星期四", at(2020, 1, 2)),
        ("2020年1月2日 上午9:30", at(2020, 1, 2, 9, 30)),
        ("2020年1月2日 下午1时05分", at(2020, 1, 2, 13, 5)),
        ("2019-10-17 09-AM", at(2019, 10, 17, 9)),
        ("2019-10-17 12-AM", at(2019, 10, 17)),
        ("2019-10-17 12-PM", at(2019, 10, 17, 12)),
        ("10/17/2019 4:00 PM", at(2019, 10, 17, 16)),
        ("17.10.2019 16:00", at(2019, 10, 17, 16)),
        ("Oct 17, 2019", at(2019, 10, 17)),
        ("17-Oct-19", at(2019, 10, 17)),
        ("Thu, 17 Oct 2019 16:00", at(2019, 10, 17, 16)),
        ("20110103 090100", at(2011, 1, 3, 9, 1)),
        ("20200101 170000065", at(2020, 1, 1, 17, 0, 0, 65_000)),
        ("20200101170000", at(2020, 1, 1, 17)),
        ("19980102 00:00", at(1998, 1, 2)),
        ("2024-01-02 24:00:00", at(2024, 1, 3)),
        ("2022-01-03 00:00:00-05:00", at(2022, 1, 3, 5)),
        ("2022-07-03 00:00:00-0400", at(2022, 7, 3, 4)),
        ("2022-07-03T00:00:00Z", at(2022, 7, 3)),
        ("20240102", at(2024, 1, 2)),
        ("1704196800", at(2024, 1, 2, 12)),
        ("1704196800.25", at(2024, 1, 2, 12, 0, 0, 250_000)),
        ("1704196800000", at(2024, 1, 2, 12)),
        ("1704196800000000", at(2024, 1, 2, 12)),
        ("1704196800000000000", at(2024, 1, 2, 12)),
    ],
)
def test_a_time_is_read_in_any_usual_form(cell: str, moment: datetime) -> None:
    assert read(cell) == [moment]


@pytest.mark.parametrize("cell", ["", "soon", "2024-02-30", "2024-13-01", "12", "2024-01-02 25:00"])
def test_what_is_no_time_is_unreadable(cell: str) -> None:
    found = read_moments(column(cell), Written.TEXT)

    assert found.unreadable.tolist() == [True]


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        (("13/02/2024", "14/02/2024"), at(2024, 2, 13), at(2024, 2, 14)),
        (("02/13/2024", "02/14/2024"), at(2024, 2, 13), at(2024, 2, 14)),
        (("05/02/2024", "13/02/2024"), at(2024, 2, 5), at(2024, 2, 13)),
    ],
)
def test_the_order_of_day_and_month_is_told_by_all_cells(
    cells: tuple[str, str], first: datetime, second: datetime
) -> None:
    assert read(*cells) == [first, second]


@pytest.mark.parametrize(
    ("cells", "written", "last"),
    [
        ([str(14_400_000 + 60_000 * step) for step in range(200)], Written.DAY_MILLIS, "07:19:00"),
        ([f"{hour}3{step}00000" for hour in (9, 10) for step in range(9)], Written.HMSF, "10:38"),
        ([f"{hour}{step:02}00" for hour in (9, 14) for step in range(60)], Written.HMS, "14:59"),
        (["0930", "1130", "1459"], Written.HM, "14:59"),
    ],
)
def test_a_time_of_day_without_signs_is_told_by_its_numbers(
    cells: list[str], written: Written, last: str
) -> None:
    way, share = guess_written(column(*cells))
    found = read_moments(column(*cells), way)

    assert (way, share, found.has_date) == (written, 1.0, False)
    wanted = timedelta(hours=int(last[:2]), minutes=int(last[3:5]))
    assert int(found.ns[-1]) == wanted // timedelta(microseconds=1) * 1_000


def test_days_of_a_workbook_are_counted_from_1900() -> None:
    cells = pa.chunked_array([pa.array([45293.0, 45293.5])])

    found = read_moments(cells, guess_written(cells)[0])

    assert found.ns.astype("datetime64[ns]").astype("datetime64[m]").astype(str).tolist() == [
        "2024-01-02T00:00",
        "2024-01-02T12:00",
    ]


FORMS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%dT%H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%d-%b-%Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%Y年%m月%d日 %H:%M:%S",
]


@settings(max_examples=40)
@given(moment=DAYS, form=st.sampled_from(FORMS))
def test_any_moment_survives_being_written(moment: datetime, form: str) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)

    assert read(whole.strftime(form)) == [whole]


@settings(max_examples=40)
@given(moment=DAYS, minutes=st.integers(-12 * 60, 14 * 60))
def test_any_offset_is_undone(moment: datetime, minutes: int) -> None:
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{moment:%Y-%m-%d %H:%M:%S}{sign}{ahead // 60:02}:{ahead % 60:02}"

    wanted = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=minutes)
    assert read(text) == [wanted]


@settings(max_examples=40)
@given(day=st.dates(date(1971, 1, 1), date(2099, 12, 31)), clock=st.times())
def test_an_unpadded_day_with_its_weekday_is_read(day: date, clock: time) -> None:
    text = f"{day.year}/{day.month}/{day.day} 星期{CN_DAYS[day.weekday()]}"

    assert read(text) == [datetime(day.year, day.month, day.day, tzinfo=UTC)]


@settings(max_examples=60)
@given(text=st.text(max_size=30))
def test_no_text_makes_reading_fail(text: str) -> None:
    cells = column(text, "2024-01-02")

    written, share = guess_written(cells)
    found = read_moments(cells, written)
    values, wrong = read_figures(cells)

    assert 0.0 <= share <= 1.0
    assert len(found.ns) == len(values) == len(wrong) == 2


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234,567.8", 1_234_567.8),
        ("1.2万", 12_000),
        ("3.4亿", 340_000_000),
        ("2万亿", 2e12),
        ("12.3%", 0.123),
        ("$5.25", 5.25),
        ("¥1,200", 1_200),
        ("(1,200)", -1_200),
        ("1.5M", 1_500_000),
        ("300手", 300),
        ("12元", 12),
        ("1e3", 1_000),
        ("+.5", 0.5),
        ("１２３", 123),
    ],
)
def test_a_number_is_read_in_any_usual_form(cell: str, value: float) -> None:
    values, wrong = read_figures(column(cell))

    assert values[0] == pytest.approx(value, rel=1e-15)
    assert not wrong.any()


@pytest.mark.parametrize("cell", ["--", "-", "N/A", "nan", "null", "", "停牌", "None", "—"])
def test_a_missing_number_is_empty_and_no_fault(cell: str) -> None:
    values, wrong = read_figures(column(cell, "x1"))

    assert np.isnan(values[0])
    assert wrong.tolist() == [False, True]


@pytest.mark.parametrize("cell", ["1,23", "1.2.3", "12万3", "0x10", "1 2", "1__0"])
def test_a_number_that_is_written_wrong_is_none(cell: str) -> None:
    assert read_figures(column(cell))[1].tolist() == [True]


def test_a_comma_may_be_the_decimal_mark() -> None:
    values, wrong = read_figures(column("1.234,5", "2,25", "1.5"), decimal=",")

    assert values[:2].tolist() == [1_234.5, 2.25]
    assert wrong.tolist() == [False, False, True]


@settings(max_examples=60)
@given(value=st.floats(-NO_VALUE, NO_VALUE, exclude_min=True, exclude_max=True))
def test_any_float_survives_being_written(value: float) -> None:
    values, wrong = read_figures(column(repr(value), "x"))

    assert values[0] == value
    assert not wrong[0]


@settings(max_examples=40)
@given(value=st.integers(-(10**15), 10**15))
def test_any_whole_number_survives_its_groups(value: int) -> None:
    values, wrong = read_figures(column(f"{value:,}"))

    assert (values[0], wrong[0]) == (value, False)
