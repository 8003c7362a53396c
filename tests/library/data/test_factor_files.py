"""Adjustment factors read from a table of days or from LEAN's factor files."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from quantloom.data import BadFactorFile, FileNotThere, read_bars, read_factors
from quantloom.market import Anchor, BadFactors, adjust_by, get_calendar
from tests.shared_data import SHARED, needs_shared

LEAN = "20140605,0.5,0.1,600\n20200828,0.8,0.5,500\n20501231,1,1,0\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "factors.csv"
    path.write_text(text)
    return path


def test_a_table_of_days_is_read_as_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path, "day,factor,volume_factor\n2020-01-02,1,1\n2020-06-19,2.5,2\n")

    found = read_factors(path, "X.US")

    assert found.day.tolist() == [date(2020, 1, 2), date(2020, 6, 19)]
    assert found.factor.tolist() == [1, 2.5]
    assert found.volume_factor is not None
    assert found.volume_factor.tolist() == [1, 2]


def test_factors_of_lean_hold_up_to_their_day_and_become_backward_ones(tmp_path: Path) -> None:
    found = read_factors(write(tmp_path, LEAN), "X.US")

    assert found.day.tolist()[1:] == [date(2014, 6, 6), date(2020, 8, 29)]
    np.testing.assert_allclose(found.factor, [1, 8, 20])
    assert found.volume_factor is not None
    np.testing.assert_allclose(found.volume_factor, [1, 5, 10])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: there are no factors"),
        ("day,factor\n", "line 2: there are no factors"),
        ("day,price\n2020-01-02,1\n", "line 1: unknown columns day, price"),
        ("day,factor\n02.01.2020,1\n", "line 2: time data"),
        ("day,factor\n2020-01-02,one\n", "line 2: could not convert"),
        ("20200102,0.5\n", "line 1: it has no split factor"),
        ("20200102,0.5,1\n20200103,0.5\n", "line 2: 2 cells, not 3"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadFactorFile, match=problem):
        read_factors(write(tmp_path, text), "X.US")


def test_impossible_factors_and_absent_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFactors, match="not above zero"):
        read_factors(write(tmp_path, "20200102,0,1\n"), "X.US")
    with pytest.raises(BadFactors, match="do not rise"):
        read_factors(write(tmp_path, "day,factor\n2020-01-03,1\n2020-01-02,2\n"), "X.US")
    with pytest.raises(FileNotThere):
        read_factors(tmp_path / "absent.csv", "X.US")


@needs_shared
def test_shares_of_apple_do_not_jump_at_their_splits() -> None:
    bars = read_bars(
        SHARED / "data/bars/us_stock/AAPL.lean.1d.parquet", symbol="AAPL.NASDAQ", timeframe="1d"
    ).bars
    factors = read_factors(SHARED / "data/raw/lean/factor_files/aapl.csv", "AAPL.NASDAQ")

    adjusted = adjust_by(bars, factors, get_calendar("us_stock"), anchor=Anchor.LATEST)

    days = bars.ts.astype("datetime64[ns]").astype("datetime64[D]")
    for split in ("2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31"):
        row = int(np.searchsorted(days, np.datetime64(split)))
        assert abs(bars.close[row] / bars.close[row - 1] - 1) > 0.4
        assert abs(adjusted.close[row] / adjusted.close[row - 1] - 1) < 0.15
    assert adjusted.close[-1] == pytest.approx(bars.close[-1], rel=1e-12)
