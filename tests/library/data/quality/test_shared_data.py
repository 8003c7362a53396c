"""The oddities that the page of the sample data lists are found; what it vouches for is clean."""

import pytest

from quantloom.data import read_bars
from quantloom.data.quality import QualityReport, check, check_all
from quantloom.market import Bars
from tests.shared_data import SHARED, needs_shared

pytestmark = needs_shared


def bars_of(file: str, symbol: str | None = None) -> Bars:
    return read_bars(SHARED / f"data/bars/{file}.parquet", symbol=symbol, on_bad="drop").bars


def report_of(file: str, symbol: str | None = None) -> QualityReport:
    return check(bars_of(file, symbol))


def text(report: QualityReport, name: str) -> str:
    found = report.find(name)
    assert found is not None, [one.text_en for one in report.findings]
    return found.text_en


@pytest.mark.parametrize(
    ("file", "ratios"),
    [
        ("us_stock/AAPL.1h", ("2:1 on 2000-06-21", "2:1 on 2005-02-28", "7:1 on 2014-06-09")),
        ("us_stock/USO.1d", ("1:8 on 2020-04-29",)),
        ("us_stock/EEM.1d", ("3:1 on 2005-06-09", "3:1 on 2008-07-24")),
        ("us_stock/QQQ.1d", ("2:1 on 2000-03-20",)),
        ("cn_stock/600000.SH.1d", ("1.5:1 on 2002-08-22",)),
    ],
)
def test_splits_in_unadjusted_daily_files(file: str, ratios: tuple[str, ...]) -> None:
    told = text(report_of(file), "splits")

    for ratio in ratios:
        assert ratio in told


def test_the_merger_of_shares_of_aig() -> None:
    found = report_of("us_stock/AIG.1d").find("splits")

    assert found is not None
    assert "2009-07-01" in {f"{one.time:%Y-%m-%d}" for one in found.examples}


@pytest.mark.parametrize(
    ("file", "day"),
    [
        ("us_stock/USO.1d", "2006-04-10"),
        ("us_stock/BNO.1d", "2010-06-02"),
        ("us_stock/EEM.1d", "2003-04-11"),
    ],
)
def test_tickers_that_passed_to_something_else(file: str, day: str) -> None:
    assert f"first on {day}" in text(report_of(file), "ticker_reuse")


def test_years_of_qqq_under_another_ticker() -> None:
    report = report_of("us_stock/QQQ.1d")

    assert "75 of 265 months" in text(report, "missing_months")
    assert "2004-12" in text(report, "missing_months")
    assert "the longest 1588 bars" in text(report, "gaps")


def test_breaks_and_nights_are_no_gaps_and_nights_end_on_saturday() -> None:
    report = report_of("cn_futures/SHFE.cu.HOT.5m")

    assert report.find("gaps") is None
    assert report.find("outside_hours") is None
    assert text(report, "auction_bars").startswith("1 bars hold the opening call alone")


def test_a_market_without_night_sessions_lacks_none() -> None:
    assert report_of("cn_futures/CFFEX.IF2003.1m").find("gaps") is None


def test_an_illiquid_contract_with_mostly_no_volume() -> None:
    report = report_of("cn_futures/SHFE.rb2002.1m")

    assert text(report, "zero_volume").startswith("11,850 of 14,311 bars")
    assert report.find("stale") is not None
    assert report.grade == "F"


def test_the_day_on_which_the_composite_doubled() -> None:
    assert "+105.3% on 1992-05-21" in text(report_of("index/000001.SH.1d"), "jumps")


def test_a_hole_of_seventeen_months() -> None:
    report = report_of("index/399986.SZ.1d")

    assert "16 of 213 months" in text(report, "missing_months")
    assert "1 gaps, the longest 358 bars" in text(report, "gaps")


def test_rolls_and_volume_counted_twice_in_dominant_chains() -> None:
    files = ("SHFE.rb", "SHFE.cu", "DCE.i", "DCE.m", "CZCE.SR")
    reports = check_all({one: bars_of(f"cn_futures/{one}.HOT.1d") for one in files})

    for report in reports.values():
        assert report.find("rolls") is not None
        assert "before 2020-01-01" in text(report, "double_volume")
        assert "as in the whole market" in text(report, "double_volume")


def test_single_contracts_count_once_and_do_not_roll() -> None:
    report = report_of("cn_futures/SHFE.rb2401.1m")

    assert report.find("rolls") is None
    assert report.find("double_volume") is None
    assert report.grade == "A"


def test_the_bar_of_nine_and_the_last_minute_of_the_morning() -> None:
    new_york = report_of("us_stock/SPY.1h").find("odd_stamps")
    shanghai = report_of("index/000001.SH.1m").find("odd_stamps")

    assert new_york is not None
    assert new_york.examples[0].time.hour == 14  # 09:00 in New York
    assert shanghai is not None
    assert f"{shanghai.examples[0].time:%H:%M}" == "04:59"  # 12:59 in Shanghai


def test_the_unsaid_forward_adjustment_of_the_tushare_file() -> None:
    adjusted = read_bars(SHARED / "data/raw/tushare/600000.SH.csv", on_bad="drop").bars
    real = bars_of("cn_stock/600000.SH.1d")

    assert check(adjusted).find("looks_adjusted") or check(adjusted).find("off_tick")
    assert check(real).find("looks_adjusted") is None
    assert check(real).find("off_tick") is None


def test_files_adjusted_forward_are_told_by_their_ticks() -> None:
    report = report_of("cn_stock/600000.SH.qfq.1d", "600000.SSE")

    assert report.find("looks_adjusted") or report.find("off_tick")


def test_hourly_euros_are_utc() -> None:
    assert report_of("fx/EURUSD.1h").find("time_zone") is None


def test_hourly_euros_of_another_zone_are_not() -> None:
    from tests.library.data.quality.builders import HOUR_NS, changed

    bars = bars_of("fx/EURUSD.1h")[:20_000]

    report = check(changed(bars, ts=bars.ts + 8 * HOUR_NS))

    assert "-8 hours" in text(report, "time_zone")
