"""Yahoo's splits, tushare's units and pages, the candles of ccxt: from recorded shapes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from quantloom.data.providers import (
    BadProviderSetting,
    NothingSoEarly,
    NotSupported,
    ProviderBadData,
)
from quantloom.data.providers.asking import Question
from quantloom.data.providers.crypto import CryptoProvider
from quantloom.data.providers.tushare import TushareProvider
from quantloom.data.providers.yahoo import YahooProvider
from tests.library.data.providers.builders import NOW, Canned, make_clock, moment, table_of_rows

NEW_YORK = "America/New_York"
# A split of four for one on the third day, a dividend of half a dollar on the second.
YAHOO: dict[str, list[float]] = {
    "Open": [10.0, 10.25, 9.9],
    "High": [10.3, 10.5, 10.4],
    "Low": [9.9, 9.8, 9.7],
    "Close": [10.25, 9.99899959564209, 10.2],
    "Adj Close": [9.7, 9.99, 10.2],
    "Volume": [4_000, 8_000, 2_000],
    "Dividends": [0.0, 0.5, 0.0],
    "Stock Splits": [0.0, 0.0, 4.0],
}


def yahoo_table(**changed: Any) -> pa.Table:
    days = [datetime(2024, 1, day, 5, tzinfo=UTC) for day in (2, 3, 4)]
    times = pa.array(days, pa.timestamp("ns", NEW_YORK))
    return pa.table({"Date": times, **(YAHOO | changed)})


def make_yahoo(answer: Any) -> tuple[YahooProvider, Canned]:
    asker = Canned(history=answer)
    return YahooProvider(asker, make_clock()), asker


def test_yahoos_splits_are_undone_and_its_float_noise_is_cut_off() -> None:
    provider, asker = make_yahoo(yahoo_table())

    bars = provider.bars("AAPL", "1d", moment("2024-01-02"), moment("2024-01-05")).bars

    assert bars.close.tolist() == [41.0, 39.996, 10.2]
    assert bars.volume.tolist() == [1_000, 2_000, 2_000]
    arguments = asker.asked[0].arguments
    assert arguments["auto_adjust"] is False
    # A split after the span moves the prices in it: the question reaches to the present.
    assert (arguments["start"], arguments["end"]) == ("2024-01-02", "2024-06-05")


def test_yahoos_end_is_the_day_after_the_last_one_wanted() -> None:
    times = pa.array([NOW - timedelta(hours=50)], pa.timestamp("ns", NEW_YORK))
    hour = pa.table({"Datetime": times, **{name: values[:1] for name, values in YAHOO.items()}})
    days = yahoo_table()
    provider, asker = make_yahoo(lambda ask: hour if ask.arguments["interval"] == "60m" else days)

    bars = provider.bars("AAPL", "1h", moment("2024-06-01"), moment("2024-06-02")).bars

    (hours,) = [one.arguments for one in asker.asked if one.arguments["interval"] == "60m"]
    assert hours["end"] == "2024-06-02"
    assert bars.close.tolist() == [10.25]


def test_a_return_over_a_dividend_and_a_split_is_what_a_holder_got() -> None:
    provider, _ = make_yahoo(yahoo_table())

    factors = provider.adj_factors("AAPL", date(2024, 1, 2), date(2024, 1, 5))
    volume_factor = factors.volume_factor

    assert factors.factor == pytest.approx([1, 1 / (1 - 0.5 / 10.25), 4 / (1 - 0.5 / 10.25)])
    assert volume_factor is not None
    assert volume_factor.tolist() == [1, 1, 4]


def test_rows_of_nothing_are_no_bars() -> None:
    nothing = {name: [np.nan] * 3 for name in ("Open", "High", "Low", "Close", "Volume")}
    provider, _ = make_yahoo(yahoo_table(**nothing))

    with pytest.raises(ProviderBadData, match="the market was open on 3 day"):
        provider.bars("AAPL", "1d", moment("2024-01-02"), moment("2024-01-05"))


@pytest.mark.parametrize(
    ("symbol", "ticker"),
    [
        ("600519.SH", "600519.SS"),
        ("000001.SZ", "000001.SZ"),
        ("BRK.B", "BRK-B"),
        ("SPX", "^GSPC"),
        ("000300", "000300.SS"),
        ("399001.INDEX", "399001.SZ"),
    ],
)
def test_symbols_are_spelled_as_yahoo_does(symbol: str, ticker: str) -> None:
    provider, asker = make_yahoo(yahoo_table())

    provider.bars(symbol, "1d", moment("2024-01-02"), moment("2024-01-05"))

    assert asker.asked[0].arguments["ticker"] == ticker


@pytest.mark.parametrize("symbol", ["BTC/USDT", "SPY240119C00450000", "10002533.SSE"])
def test_yahoo_is_not_asked_for_crypto_or_options(symbol: str) -> None:
    with pytest.raises(NotSupported):
        make_yahoo(yahoo_table())[0].bars(symbol, "1d", moment("2024-01-02"), NOW)


TUSHARE = "trade_date,open,high,low,close,vol,amount"


def make_tushare(**answers: Any) -> tuple[TushareProvider, Canned]:
    asker = Canned(**answers)
    return TushareProvider(asker, make_clock(), token="hunter2"), asker


def test_tushares_rows_are_turned_and_its_units_undone() -> None:
    rows = ("20240103,9.2,9.3,9.1,9.2,2000,1840.0", "20240102,9.4,9.4,9.2,9.2,1000,930.0")
    provider, asker = make_tushare(daily=table_of_rows(TUSHARE, *rows))

    bars = provider.bars("000001.SZ", "1d", moment("2024-01-01"), moment("2024-01-04")).bars

    assert bars.volume.tolist() == [100_000, 200_000]
    assert bars.extras["turnover"].tolist() == [930_000, 1_840_000]
    (question,) = asker.asked
    assert question.arguments == {
        "ts_code": "000001.SZ",
        "start_date": "20240101",
        "end_date": "20240103",
    }
    assert question.secret == "hunter2"
    assert "hunter2" not in repr(question) + question.key()


def test_a_long_history_is_asked_in_pieces_that_tushare_can_answer() -> None:
    def answer(question: Question) -> pa.Table:
        day = question.arguments["start_date"]
        return table_of_rows(TUSHARE, f"{day},9,9,9,9,1000,900")

    provider, asker = make_tushare(daily=answer)

    provider.bars("000001.SZ", "1d", moment("1995-01-03"), moment("2024-01-04"))

    spans = [(one.arguments["start_date"], one.arguments["end_date"]) for one in asker.asked]
    assert spans == [
        ("19950103", "20080910"),
        ("20080911", "20220520"),
        ("20220521", "20240103"),
    ]


@pytest.mark.parametrize(
    ("symbol", "function", "code"),
    [
        ("rb2405", "fut_daily", "RB2405.SHF"),
        ("TA2405", "fut_daily", "TA2405.CZC"),
        ("IF-MAIN.CFFEX", "fut_daily", "IF.CFX"),
        ("000300", "index_daily", "000300.SH"),
        ("510300.SH", "fund_daily", "510300.SH"),
        ("430047.BJ", "daily", "430047.BJ"),
    ],
)
def test_symbols_are_spelled_as_tushare_does(symbol: str, function: str, code: str) -> None:
    header = f"{TUSHARE},oi,settle"
    table = table_of_rows(header, "20240102,9,9,9,9,1000,900,5,9")
    provider, asker = make_tushare(**{function: table})

    provider.bars(symbol, "1d", moment("2024-01-01"), moment("2024-01-03"))

    assert asker.asked[0].arguments["ts_code"] == code


def test_zhengzhou_is_asked_by_its_other_spelling_where_the_first_brings_nothing() -> None:
    header = f"{TUSHARE},oi,settle"
    row = table_of_rows(header, "20240102,9,9,9,9,1000,900,5,9")

    def answer(question: Question) -> pa.Table:
        return row if question.arguments["ts_code"].endswith(".ZCE") else row.slice(0, 0)

    provider, asker = make_tushare(fut_daily=answer)
    span = (moment("2024-01-01"), moment("2024-01-03"))

    found = [provider.bars(spelled, "1d", *span).bars for spelled in ("TA2405.CZC", "SR2405.ZCE")]

    assert [bars.symbol for bars in found] == ["TA2405.CZCE", "SR2405.CZCE"]
    codes = [one.arguments["ts_code"] for one in asker.asked]
    assert codes == ["TA2405.CZC", "TA2405.ZCE", "SR2405.ZCE"]


def test_tushares_minutes_end_where_they_are_labelled_and_come_in_shares() -> None:
    row = "2024-01-02 09:35:00,9,9,9,9,1000,9000"
    provider, _ = make_tushare(stk_mins=table_of_rows(TUSHARE.replace("date", "time"), row))

    bars = provider.bars("000001.SZ", "5m", moment("2024-01-02"), moment("2024-01-03")).bars

    assert (f"{bars.start:%H:%M}", bars.volume[0]) == ("01:30", 1000)


def test_tushare_without_a_token_or_in_clear_text_is_not_opened() -> None:
    with pytest.raises(BadProviderSetting, match="token is needed"):
        TushareProvider(Canned(), make_clock(), token=None)
    with pytest.raises(BadProviderSetting, match="https"):
        TushareProvider(Canned(), make_clock(), token="x", endpoint="http://api.tushare.pro")


def test_tushares_calendar_and_list_are_read() -> None:
    provider, _ = make_tushare(
        trade_cal=table_of_rows("cal_date", "20240103", "20240102"),
        stock_basic=table_of_rows("ts_code,name,list_date", "600519.SH,A,20010827"),
    )

    assert provider.calendar("SSE", date(2024, 1, 1), date(2024, 1, 3)) == (
        *(date(2024, 1, 2), date(2024, 1, 3)),
    )
    (listed,) = provider.list_instruments()
    assert (listed.symbol, listed.listed_on) == ("600519.SSE", date(2001, 8, 27))


MINUTE_MS = 60_000


def candles(limit: int) -> Callable[[Question], list[list[float | None]]]:
    """An exchange that gives so many candles a page, up to the running one."""
    last = int(NOW.timestamp() * 1000)

    def answer(question: Question) -> list[list[float | None]]:
        since = question.arguments["since"]
        times = range(since, min(since + limit * MINUTE_MS, last + 1), MINUTE_MS)
        return [[ms, 10.0, 11.0, 9.0, 10.0, 1.0] for ms in times]

    return answer


def test_candles_are_joined_page_after_page_and_the_running_one_is_left_out() -> None:
    asker = Canned(fetch_ohlcv=candles(100))

    found = CryptoProvider(asker, make_clock()).bars(
        "BTC/USDT", "1m", NOW - timedelta(hours=6), NOW + timedelta(hours=1)
    )

    assert len(found.bars) == 360
    assert len(asker.asked) == 4
    assert "1 bar(s) were not over yet and were left out." in found.notes


def test_an_exchange_that_repeats_a_page_does_not_hold_us_for_ever() -> None:
    start = NOW - timedelta(hours=2)
    first = int(start.timestamp() * 1000)
    asker = Canned(fetch_ohlcv=[[first + k * MINUTE_MS, 1, 1, 1, 1, 1] for k in range(5)])

    found = CryptoProvider(asker, make_clock()).bars("BTC/USDT", "1m", start, NOW)

    assert (len(found.bars), len(asker.asked)) == (5, 2)


@pytest.mark.parametrize(
    ("symbol", "exchange", "unified"),
    [
        ("BTC/USDT:USDT", "binance", "BTC/USDT:USDT"),
        ("BTC-USD-PERP.BINANCE", "binance", "BTC/USD:BTC"),
        ("ETH-USDT-SWAP", "okx", "ETH/USDT:USDT"),
        ("BTC-USD.COINBASE", "coinbase", "BTC/USD"),
    ],
)
def test_the_venue_is_the_exchange(symbol: str, exchange: str, unified: str) -> None:
    asker = Canned(fetch_ohlcv=candles(500))

    CryptoProvider(asker, make_clock()).bars(symbol, "1m", NOW - timedelta(hours=1), NOW)

    assert asker.asked[0].extra["exchange"] == exchange
    assert asker.asked[0].arguments["symbol"] == unified


@pytest.mark.parametrize("answer", [{}, [["x"] * 6], [[None, 1, 1, 1, 1, 1]], [[1, 2]]])
def test_what_is_no_candle_is_bad_data(answer: Any) -> None:
    provider = CryptoProvider(Canned(fetch_ohlcv=answer), make_clock())

    with pytest.raises(ProviderBadData):
        provider.bars("BTC/USDT", "1m", NOW - timedelta(hours=1), NOW)


def test_candles_that_begin_later_say_so() -> None:
    listed = int(moment("2024-05-01").timestamp() * 1000)
    answer = [[listed, 10.0, 11.0, 9.0, 10.0, 1.0]]
    provider = CryptoProvider(Canned(fetch_ohlcv=answer), make_clock())

    with pytest.raises(NothingSoEarly, match="before 2024-05-01") as caught:
        provider.bars("BTC/USDT", "1m", moment("2020-01-01"), moment("2020-02-01"))
    assert caught.value.first == moment("2024-05-01")


def test_no_candles_while_the_market_never_sleeps_is_an_error() -> None:
    provider = CryptoProvider(Canned(fetch_ohlcv=[]), make_clock())

    with pytest.raises(ProviderBadData, match="no bars of BTC-USDT"):
        provider.bars("BTC/USDT", "1m", NOW - timedelta(hours=1), NOW)


def test_a_snapshot_says_nan_where_the_exchange_says_nothing() -> None:
    asker = Canned(fetch_ticker={"last": 10, "open": None, "baseVolume": 3.5})

    (quote,) = CryptoProvider(asker, make_clock()).snapshot(("BTC/USDT",))

    assert (quote.last, quote.volume, np.isnan(quote.open)) == (10.0, 3.5, True)
