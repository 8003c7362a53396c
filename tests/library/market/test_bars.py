import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import from_ns
from quantloom.market import BadBars, Bar, Bars, EmptyRange, StaleBar
from tests.library.market.builders import MINUTE_NS, START_NS, make_bars, make_columns

START = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = ("ts", "open", "high", "low", "close", "volume")


def spoil(column: str, row: int, value: float) -> dict[str, object]:
    columns = make_columns()
    columns[column][row] = value
    return columns


@pytest.mark.parametrize(
    ("column", "row", "value", "problem"),
    [
        ("ts", 2, START_NS, "time earlier than the bar before"),
        ("ts", 2, START_NS + MINUTE_NS, "time equal to the bar before"),
        ("open", 1, np.nan, "a price that is not a finite number"),
        ("high", 1, np.inf, "a price that is not a finite number"),
        ("low", 1, 0.0, "a price that is not above zero"),
        ("close", 1, -3.0, "a price that is not above zero"),
        ("high", 1, 1.0, "high below low"),
        ("open", 1, 50.0, "open or close outside low to high"),
        ("close", 1, 1.0, "open or close outside low to high"),
        ("volume", 1, -1.0, "negative or infinite volume"),
        ("volume", 1, np.inf, "negative or infinite volume"),
    ],
)
def test_a_bar_that_cannot_be_true_is_named_with_its_row(
    column: str, row: int, value: float, problem: str
) -> None:
    with pytest.raises(BadBars, match=f"first at row {row}; (mend|sort) the source") as caught:
        Bars.of("X.US", "1m", **spoil(column, row, value))  # type: ignore[arg-type]

    assert (caught.value.problem, caught.value.count, caught.value.rows) == (problem, 1, (row,))


def test_only_the_first_three_bad_rows_are_shown() -> None:
    with pytest.raises(BadBars, match=r"in 5 bar\(s\), first at row 0, 1, 2 and more"):
        make_bars(volume=np.full(5, -1.0))


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(BadBars, match=r"columns of unequal length in 5 bar\(s\); mend"):
        make_bars(close=np.ones(4))


def test_an_extra_column_of_another_length_is_refused() -> None:
    with pytest.raises(BadBars, match="unequal length"):
        make_bars(extras={"turnover": np.ones(4)})


def test_bars_without_rows_are_refused() -> None:
    with pytest.raises(EmptyRange, match="between the beginning and the end"):
        make_bars(0)


def test_a_start_after_the_end_is_called_so() -> None:
    with pytest.raises(EmptyRange, match=r"the start 2025-01-01 .* is not before the end 2024"):
        make_bars().between(datetime(2025, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))


def test_a_slice_without_bars_can_be_printed() -> None:
    assert repr(make_bars()[:0]).endswith("0 bars>")


def test_volume_may_be_missing_whole_or_in_part() -> None:
    assert np.isnan(make_bars(volume=None).volume).all()
    assert np.isnan(make_bars(volume=[1, 2, np.nan, 4, 5]).volume[2])


def test_times_may_be_datetime64_of_any_unit() -> None:
    days = np.arange("2024-01-01", "2024-01-06", dtype="datetime64[D]")

    assert make_bars(ts=days).ts[1] == START_NS + 1440 * MINUTE_NS


@pytest.mark.parametrize(
    ("ts", "problem"),
    [
        ([0.5, 1.5], "times of type float64"),
        ([False, True], "times of type bool"),
        (np.array([2**63, 2**63 + 1], np.uint64), "times of type uint64"),
        (np.array([1, 2], "timedelta64[D]"), "times of type timedelta64"),
        (["2024-01-01", "2024-01-02"], "times of type <U10"),
        ([datetime(2024, 1, 1, tzinfo=UTC)] * 2, "times of type object"),
        (np.array(["2024-01-01", "NaT"], "datetime64[D]"), "a missing time in 1 .* at row 1"),
    ],
)
def test_times_of_another_type_are_refused_instead_of_cast(ts: object, problem: str) -> None:
    with pytest.raises(BadBars, match=problem):
        make_bars(2, ts=ts)


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30))
def test_a_slice_shares_memory_and_equals_the_rows(count: int, first: int, last: int) -> None:
    bars = make_bars(count, extras={"turnover": np.arange(count)})

    part = bars[first:last]

    assert len(part) == len(range(*slice(first, last).indices(count)))
    for name in COLUMNS:
        whole = getattr(bars, name)
        assert np.array_equal(getattr(part, name), whole[first:last])
        assert not len(part) or np.shares_memory(getattr(part, name), whole)
    assert not len(part) or np.shares_memory(part.extras["turnover"], bars.extras["turnover"])


@pytest.mark.parametrize("name", COLUMNS)
def test_no_column_can_be_written(name: str) -> None:
    bars = make_bars()

    for column in (getattr(bars, name), getattr(bars[1:3], name)):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1


def test_read_only_columns_are_taken_without_copying() -> None:
    columns = make_columns()
    for name in COLUMNS:
        columns[name].flags.writeable = False

    bars = Bars.of("X.US", "1m", **columns)

    assert all(np.shares_memory(getattr(bars, name), columns[name]) for name in COLUMNS)


def test_writing_to_a_column_afterwards_changes_no_bar() -> None:
    columns = make_columns()
    bars = Bars.of("X.US", "1m", **columns)
    digest = bars.digest()

    for name in COLUMNS:
        columns[name][:] = 7

    assert bars.digest() == digest


def test_between_takes_the_start_and_leaves_the_end() -> None:
    bars = make_bars()

    part = bars.between(START + timedelta(minutes=1), START + timedelta(minutes=3))

    assert (part.start, part.end) == (bars.start + timedelta(minutes=1), from_ns(int(bars.ts[2])))
    assert np.shares_memory(part.close, bars.close)
    assert len(bars.between()) == len(bars)


def test_a_span_without_bars_is_an_error_that_says_where_to_look() -> None:
    with pytest.raises(EmptyRange, match="data show"):
        make_bars().between(START + timedelta(days=1))


def test_equal_bars_have_equal_digests() -> None:
    extras = {"a": np.arange(5.0), "b": np.ones(5)}
    turned = dict(reversed(extras.items()))

    assert make_bars(extras=extras).digest() == make_bars(extras=turned).digest()


@pytest.mark.parametrize("name", COLUMNS)
def test_one_changed_number_changes_the_digest(name: str) -> None:
    column = make_columns()[name].copy()
    column[-1] += 0.25 if name != "ts" else 1

    assert make_bars(**{name: column}).digest() != make_bars().digest()


def test_symbol_timeframe_and_extras_are_part_of_the_digest() -> None:
    columns = make_columns()
    digests = {
        Bars.of("X.US", "1m", **columns).digest(),
        Bars.of("Y.US", "1m", **columns).digest(),
        Bars.of("X.US", "5m", **columns).digest(),
        Bars.of("X.US", "1m", **columns, extras={"turnover": np.ones(5)}).digest(),
        Bars.of("X.US", "1m", **columns, extras={"turnover": np.zeros(5)}).digest(),
    }

    assert len(digests) == 5


def test_bars_say_what_they_are() -> None:
    assert repr(make_bars()).startswith("<Bars X.US 1m 5 bars 2024-01-01 00:00:00+00:00 .. ")


def make_bar() -> Bar:
    bar = Bar()
    bar.symbol, bar.ts_ns = "X.US", START_NS
    bar.open, bar.high, bar.low, bar.close, bar.volume = 1.0, 2.0, 0.5, 1.5, 100.0
    return bar


def test_a_bar_tells_its_time_and_prices() -> None:
    bar = make_bar()

    assert bar.time == START
    assert repr(bar) == (
        "<Bar X.US 2024-01-01 00:00:00 open=1.0 high=2.0 low=0.5 close=1.5 volume=100.0>"
    )


@pytest.mark.parametrize("attribute", [*Bar.__slots__, "time", "copy"])
def test_an_expired_bar_raises_on_every_reading(attribute: str) -> None:
    bar = make_bar()

    bar.expire()

    with pytest.raises(StaleBar, match=rf"bar\.{attribute} was read after"):
        getattr(bar, attribute)
    assert repr(bar) == "<Bar, expired>"
    assert isinstance(bar, Bar)


def test_a_copy_outlives_the_bar() -> None:
    bar = make_bar()
    kept = bar.copy()

    bar.expire()

    assert (kept.close, kept.time) == (1.5, START)


@pytest.mark.parametrize(
    "error",
    [BadBars("X.US", "high below low", 1, (2,)), EmptyRange("X.US", START, None), StaleBar("open")],
)
def test_errors_keep_their_text_when_pickled(error: Exception) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
