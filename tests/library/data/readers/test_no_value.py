"""The largest double, which CTP writes where it has no value, in files of ticks and of bars."""

from pathlib import Path

import numpy as np
import pytest

from quantloom.data import read_file
from quantloom.data.quality import QualityReport, RowAccount, check, check_ticks
from quantloom.data.readers.accounting import FileBars, FileTicks
from quantloom.market import BadBars, BadTicks

LARGEST = 1.7976931348623157e308
WRITTEN = (f"{LARGEST!r}", "1.797693134862316e+308", f"-{LARGEST!r}", "1E308", f"{LARGEST:f}")
TICK_HEADER = (
    "TradingDay,UpdateTime,UpdateMillisec,InstrumentID,ExchangeID,LastPrice,Volume,OpenInterest,"
    "SettlementPrice,UpperLimitPrice,BidPrice1,BidVolume1,AskPrice1,AskVolume1,BidPrice2,"
    "BidVolume2,AskPrice2,AskVolume2"
)
BAR_HEADER = "datetime,symbol,open,high,low,close,volume,open_interest,settlement"


def write_snapshots(folder: Path, none: str, *, unpriced: tuple[int, ...] = ()) -> Path:
    """240 snapshots, two a second; bids lack in rows 30, 80, …, the second level throughout."""
    rows = [TICK_HEADER]
    for i in range(240):
        clock, price = f"09:{i // 120:02d}:{i // 2 % 60:02d}", 3800 + i % 5
        last = none if i in unpriced else price
        bid = f"{none},0" if i % 50 == 30 else f"{price},12"
        ask = f"{none},0" if i % 50 == 20 else f"{price + 1},7"
        rows.append(
            f"20230920,{clock},{500 * (i % 2)},rb2401,SHFE,{last},{i * 3},{none},{none},"
            f"{none},{bid},{ask},{none},0,{none},0"
        )
    path = folder / "snapshots.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def write_bars(folder: Path, none: str, *, lacking: dict[int, int]) -> Path:
    """75 bars of a minute; `lacking` says which price of a row is none."""
    rows = [BAR_HEADER]
    for i in range(75):
        prices = [str(3800 + i % 7 + step) for step in (0, 2, -2, 1)]
        if i in lacking:
            prices[lacking[i]] = none
        interest = none if i % 5 == 0 else str(1000 + i)
        rows.append(
            f"2023-09-20 {9 + i // 60:02d}:{i % 60:02d}:00,rb2401.SHFE,{','.join(prices)},"
            f"{100 + i},{interest},{none}"
        )
    path = folder / "bars.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def graded(read: FileBars | FileTicks) -> QualityReport:
    raw = RowAccount(read=read.read, dropped=read.dropped, unsorted=read.unsorted)
    if isinstance(read, FileTicks):
        return check_ticks(read.ticks, raw=raw, total=read.total)
    return check(read.bars, raw=raw)


def counted(report: QualityReport, check_name: str) -> int:
    return sum(one.count for one in report.findings if one.check == check_name)


@pytest.mark.parametrize("none", WRITTEN, ids=lambda text: text[:22])
def test_a_quote_of_no_value_is_a_side_without_one(tmp_path: Path, none: str) -> None:
    (read,) = read_file(write_snapshots(tmp_path, none)).ticks

    ticks = read.ticks
    assert np.flatnonzero(np.isnan(ticks.bid[:, 0])).tolist() == [30, 80, 130, 180, 230]
    assert np.flatnonzero(np.isnan(ticks.ask[:, 0])).tolist() == [20, 70, 120, 170, 220]
    assert np.isnan(ticks.bid[:, 1:]).all()
    assert not np.isinf(ticks.ask).any()
    assert (ticks.size.sum(), graded(read).grade) == (239 * 3, "A")


@pytest.mark.parametrize("none", WRITTEN, ids=lambda text: text[:22])
def test_a_last_price_of_no_value_is_damage_once_the_day_has_traded(
    tmp_path: Path, none: str
) -> None:
    path = write_snapshots(tmp_path, none, unpriced=(0, 100, 101))

    with pytest.raises(BadTicks, match="without a last price in 2") as refused:
        read_file(path)
    (read,) = read_file(path, on_bad="drop").ticks

    assert refused.value.rows == (100, 101)
    assert (read.kept, read.dropped_rows) == (238, 2)
    # What was traded while the price was missing counts at the next one that is there.
    assert read.ticks.size.sum() == 239 * 3
    report = graded(read)
    assert counted(report, "bad_prices") == 2
    assert report.grade > "A"


@pytest.mark.parametrize("none", WRITTEN, ids=lambda text: text[:22])
def test_bars_lack_a_settlement_or_open_interest_of_no_value(tmp_path: Path, none: str) -> None:
    (read,) = read_file(write_bars(tmp_path, none, lacking={})).bars

    extras = read.bars.extras
    assert np.flatnonzero(np.isnan(extras["open_interest"])).tolist() == list(range(0, 75, 5))
    assert "settlement" not in extras or np.isnan(extras["settlement"]).all()
    assert counted(graded(read), "bad_prices") == 0


@pytest.mark.parametrize("none", WRITTEN, ids=lambda text: text[:22])
def test_a_bar_with_a_price_of_no_value_is_refused_or_counted(tmp_path: Path, none: str) -> None:
    path = write_bars(tmp_path, none, lacking={10: 0, 20: 1, 30: 2, 40: 3})

    with pytest.raises(BadBars, match="not a finite number in 4"):
        read_file(path)
    (read,) = read_file(path, on_bad="drop").bars

    assert (read.kept, read.dropped_rows) == (71, 4)
    assert read.bars.high.max() < 4000
    assert counted(graded(read), "bad_prices") == 4
