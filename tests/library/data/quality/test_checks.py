"""Clean data are told clean, and each planted fault is found and named."""

import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quantloom.data import random_walk
from quantloom.data.quality import CHECKS, GRADES, TICK_CHECKS, RowAccount, check, check_all
from quantloom.market import Action, Bars, EmptyRange, Instrument, Kind
from tests.library.data.quality.builders import (
    FAULTS,
    Fault,
    changed,
    clean,
    columns_of,
    taken,
)

# What a fault brings along besides: a jump breaks a limit, a hole may be a month.
BESIDE = {
    "bad_prices": {"gaps"},
    "bad_ohlc": {"gaps"},
    "bad_volume": {"gaps"},
    "missing_months": {"gaps"},
    "outside_hours": {"gaps"},
    "outside_limits": {"jumps", "splits"},
    "ticker_reuse": {"gaps", "missing_months"},
    "outliers": {"outside_limits"},
    "stale": {"outliers", "jumps"},
}
MARKETS = (
    ("600000.SSE", "5m", 40),
    ("600000.SSE", "1d", 900),
    ("rb2105.SHFE", "15m", 60),
    ("rb-MAIN.SHFE", "1d", 900),
    ("AAPL.NASDAQ", "1m", 10),
    ("AAPL.NASDAQ", "1d", 900),
    ("BTC-USDT.BINANCE", "1h", 60),
    ("IF2106.CFFEX", "1m", 10),
)


@pytest.mark.parametrize(("symbol", "timeframe", "days"), MARKETS)
def test_a_clean_series_is_graded_a_and_nothing_is_found(
    symbol: str, timeframe: str, days: int
) -> None:
    report = check(clean(symbol, timeframe, days=days))

    assert (report.grade, report.findings) == ("A", ())
    assert {*report.clean} == {*CHECKS} - {*TICK_CHECKS}


def test_false_alarms_on_clean_series_are_rare(capsys: pytest.CaptureFixture[str]) -> None:
    rounds, alarms = 0, dict.fromkeys(CHECKS, 0)
    for seed in range(12):
        for symbol, timeframe, days in MARKETS:
            rounds += 1
            for finding in check(clean(symbol, timeframe, days=days, seed=seed)).findings:
                alarms[finding.check] += 1

    with capsys.disabled():
        raised = {name: count for name, count in alarms.items() if count}
        sys.stdout.write(f"\nfalse alarms on {rounds} clean series: {raised or 'none'}\n")
    assert sum(alarms.values()) <= 0.02 * rounds


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: f"{one.check}-{one.symbol}")
@settings(max_examples=4)
@given(data=st.data())
def test_a_planted_fault_is_found_and_named(fault: Fault, data: st.DataObject) -> None:
    whole = clean(
        fault.symbol,
        fault.timeframe,
        start=fault.start,
        days=fault.days,
        seed=data.draw(st.integers(0, 999), label="seed"),
    )
    row = data.draw(st.integers(len(whole) // 10, len(whole) * 4 // 5), label="row")

    report = check(fault.plant(whole, row))

    found = report.find(fault.check)
    assert found is not None, [one.text_en for one in report.findings]
    assert fault.count in {None, found.count}
    assert found.examples
    beside = {one.check for one in report.findings} - {fault.check}
    assert beside <= BESIDE.get(fault.check, set())


def test_every_check_that_finds_faults_has_one_planted() -> None:
    notes = {"calendar_unknown", "extended_hours", "auction_bars", "odd_stamps"}
    elsewhere = {"unreadable", "looks_adjusted"}

    assert {fault.check for fault in FAULTS} == {*CHECKS} - notes - elsewhere - {*TICK_CHECKS}


@pytest.mark.parametrize("name", CHECKS)
def test_every_sentence_can_be_said_in_both_languages(name: str) -> None:
    check_of = CHECKS[name]

    for text in (check_of.title_en, check_of.title_zh, check_of.text_en, check_of.text_zh):
        assert text
    assert check_of.limits == tuple(sorted(check_of.limits))


def test_findings_are_told_in_english_and_chinese() -> None:
    bars = clean()
    holed = taken(bars, np.delete(np.arange(len(bars)), slice(100, 110)))

    found = check(holed).find("gaps")

    assert found is not None
    assert found.text_en.startswith(f"10 of {len(bars):,} bars are missing")
    assert found.text_zh.startswith(f"交易时段内应有 {len(bars):,} 根K线，缺 10 根")
    assert found.examples[0].values == {"missing": 10.0}


def test_what_a_reader_left_out_is_told() -> None:
    account = RowAccount(
        read=2_000,
        dropped=(("high below low", 3), ("a time not written like 2024", 2), ("torn", 1)),
        unsorted=4,
    )

    report = check(clean(), raw=account)

    assert {one.check: one.count for one in report.findings} == {
        "bad_ohlc": 3,
        "unreadable": 3,
        "unsorted": 4,
    }
    unreadable = report.find("unreadable")
    assert unreadable is not None
    assert "a time not written like 2024, torn" in unreadable.text_en


def test_a_file_that_runs_backwards_is_in_order() -> None:
    bars = clean("AAPL.NASDAQ", "1d", days=300)

    assert check(taken(bars, np.arange(len(bars))[::-1])).grade == "A"


def test_prices_adjusted_forward_are_suspected() -> None:
    bars = clean("600000.SSE", "1d", days=600, price=30.0)
    old = np.arange(len(bars)) < 300
    factors = np.where(old, 0.937, 1.0)
    prices = {
        name: np.round(getattr(bars, name) * factors, 4)
        for name in ("open", "high", "low", "close")
    }

    report = check(changed(bars, **prices))

    found = report.find("looks_adjusted")
    assert found is not None
    assert str(bars.ts[300].astype("datetime64[ns]").astype("datetime64[D]")) in found.text_en
    assert report.find("off_tick") is None


def test_trading_before_and_after_hours_is_told_and_is_no_other_zone() -> None:
    day = clean("AAPL.NASDAQ", "1m", days=0)
    early = changed(day, ts=day.ts - len(day) * day.timeframe.ns)[-200:]
    both = {
        name: np.append(columns_of(early)[name], column) for name, column in columns_of(day).items()
    }

    report = check(changed(day, ts=np.append(early.ts, day.ts), **both))

    extended = report.find("extended_hours")
    assert extended is not None
    assert extended.count == 200
    assert {"time_zone", "outside_hours", "gaps"} <= {*report.clean}
    assert report.grade == "A"


def test_an_option_may_double_in_a_day_where_a_share_may_not() -> None:
    close = np.array([1.0, 1.1, 2.4, 2.3, 2.4])
    days = np.arange("2024-01-08", "2024-01-13", dtype="datetime64[D]").astype("datetime64[ns]")

    def found(symbol: str) -> set[str]:
        prices = Bars.of(
            symbol,
            "1d",
            ts=days,
            open=close,
            high=close,
            low=close,
            close=close,
            volume=np.full(5, 900.0),
        )
        return {one.check for one in check(prices).findings}

    assert "outside_limits" in found("600000.SSE")
    assert "outside_limits" not in found("10002533.SSE") | found("m2409-C-3000.DCE")


def test_a_known_split_is_no_fault() -> None:
    fault = next(one for one in FAULTS if one.check == "splits")
    bars = fault.plant(clean(fault.symbol, fault.timeframe, days=fault.days), 150)
    day = bars.ts[150].astype("datetime64[ns]").astype("datetime64[D]").item()
    action = Action(symbol=bars.symbol, ex_day=day, split=Decimal(2))

    assert check(bars).find("splits") is not None
    assert check(bars, actions=[action]).findings == ()


def test_volume_counted_twice_is_told_of_a_whole_market() -> None:
    fault = next(one for one in FAULTS if one.check == "double_volume")
    many: dict[str, Bars] = {}
    for seed, symbol in enumerate(("rb-MAIN.SHFE", "cu-MAIN.SHFE", "i-MAIN.DCE", "m-MAIN.DCE")):
        whole = clean(symbol, "1d", start=fault.start, days=fault.days, seed=seed)
        bars = fault.plant(whole, 0)
        # Without open interest, volume alone proves nothing of one symbol.
        many[symbol] = changed(bars, open_interest=np.full(len(bars), np.nan))

    alone = {symbol: check(bars).find("double_volume") for symbol, bars in many.items()}
    together = {symbol: report.find("double_volume") for symbol, report in check_all(many).items()}

    assert not any(alone.values())
    for found in together.values():
        assert found is not None
        assert "as in the whole market" in found.text_en


def test_no_bars_are_no_data() -> None:
    with pytest.raises(EmptyRange):
        check(taken(clean(days=3), np.arange(0)))


SHORT = [(one[0], one[1]) for one in MARKETS] + [("EURUSD", "1h"), ("EURUSD", "1d")]


@pytest.mark.parametrize(("symbol", "timeframe"), [*SHORT, ("X.LOCAL", "1w"), ("X.LOCAL", "1M")])
@pytest.mark.parametrize("n", range(1, 6))
def test_a_few_bars_are_enough_to_be_checked(symbol: str, timeframe: str, n: int) -> None:
    bars = random_walk(n, n, symbol=symbol, timeframe=timeframe)

    assert check(bars).grade in GRADES


@example(40, ("600000.SSE", "1d"))
@given(st.integers(0, 2**32 - 1), st.sampled_from(SHORT))
def test_whatever_columns_hold_there_is_a_grade(seed: int, market: tuple[str, str]) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 60))
    whole = random_walk(n, 1, symbol=market[0], timeframe=market[1])
    values = [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-300, 1e300, 100.0]
    columns = columns_of(whole)
    for name, column in columns.items():
        rows = random.random(n) < 0.2
        columns[name] = np.where(rows, random.choice(values, n), column)
    ts = random.choice(whole.ts, n) + random.choice([0, 1, 7_200 * 10**9], n)

    assert check(changed(whole, ts=ts, **columns)).grade in GRADES


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: f"{one.check}-{one.symbol}")
def test_no_planted_fault_of_hundreds_is_missed(fault: Fault) -> None:
    for seed in range(200):
        whole = clean(fault.symbol, fault.timeframe, start=fault.start, days=fault.days, seed=seed)
        row = int(np.random.default_rng(seed).integers(len(whole) // 10, len(whole) * 4 // 5))

        found = check(fault.plant(whole, row)).find(fault.check)

        assert found is not None, (seed, row)
        assert fault.count in {None, found.count}, (seed, row)


def test_the_middle_of_two_quotes_may_lie_on_half_a_tick() -> None:
    rows = np.arange(40)
    middle = 1.10005 + rows % 7 * 0.0001
    sides: dict[str, Any] = {"bid_close": middle - 0.00005, "ask_close": middle + 0.00005}
    columns: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), middle)
    ts = (rows + 1) * 60_000_000_000
    instrument = Instrument(
        symbol="EURUSD.FX", kind=Kind.FX, tick_size=Decimal("0.0001"), source="a test"
    )
    trades = Bars.of("EURUSD.FX", "1m", ts=ts, **columns)
    quotes = Bars.of("EURUSD.FX", "1m", ts=ts, **columns, extras=sides)

    assert check(trades, instrument=instrument).find("off_tick") is not None
    assert check(quotes, instrument=instrument).find("off_tick") is None
