"""Akshare's columns, units and labels, from answers of the shapes that were recorded."""

from datetime import date

import pyarrow as pa
import pytest

from quantloom.data.providers import NotSupported, ProviderBadData, SymbolNotFound
from quantloom.data.providers.akshare import AkshareProvider
from tests.library.data.providers.builders import Canned, make_clock, moment, table_of_rows

DAILY = "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率"
DAYS = (
    "2024-01-02,600519,1715.0,1685.01,1718.19,1678.1,32156,5440082500.0,2.3,-2.3,-40,0.26",
    "2024-01-03,600519,1681.11,1694.0,1695.22,1676.33,20229,3411400700.0,1.1,0.5,9,0.16",
)
MINUTES = "时间,开盘,收盘,最高,最低,成交量,成交额,均价"
FUTURE_HOURS = "datetime,open,high,low,close,volume,hold"
SPAN = (moment("2024-01-01"), moment("2024-01-04"))


def make_provider(**answers: object) -> tuple[AkshareProvider, Canned]:
    asker = Canned(**answers)
    return AkshareProvider(asker, make_clock()), asker


def test_lots_become_shares_and_columns_are_found_by_name() -> None:
    provider, asker = make_provider(stock_zh_a_hist=table_of_rows(DAILY, *DAYS))

    bars = provider.bars("600519", "1d", *SPAN).bars

    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (
        *(1715.0, 1718.19, 1678.1, 1685.01),
    )
    assert bars.volume.tolist() == [3_215_600, 2_022_900]
    assert bars.extras["turnover"][0] == 5_440_082_500
    assert [f"{bars.start:%F}", f"{bars.end:%F}"] == ["2024-01-02", "2024-01-03"]
    assert dict(asker.asked[0].arguments) == {
        "symbol": "600519",
        "period": "daily",
        "adjust": "",
        "start_date": "20240101",
        "end_date": "20240103",
    }


def test_a_renamed_column_is_named() -> None:
    provider, _ = make_provider(
        stock_zh_a_hist=table_of_rows(DAILY.replace("成交量", "总手"), *DAYS)
    )

    with pytest.raises(ProviderBadData, match="column '成交量' is missing; there are 日期"):
        provider.bars("600519", "1d", *SPAN)


@pytest.mark.parametrize("empty", [pa.table({}), table_of_rows(DAILY)], ids=["frame", "headed"])
def test_nothing_over_trading_days_is_an_error(empty: pa.Table) -> None:
    provider, _ = make_provider(stock_zh_a_hist=empty)

    with pytest.raises(ProviderBadData, match="open on 2 day"):
        provider.bars("600519", "1d", *SPAN)


def test_a_unit_that_changed_is_noticed_by_the_turnover() -> None:
    in_shares = [row.replace("32156", "3215600").replace("20229", "2022900") for row in DAYS]
    provider, _ = make_provider(stock_zh_a_hist=table_of_rows(DAILY, *in_shares))

    with pytest.raises(ProviderBadData, match="unit of one of them"):
        provider.bars("600519", "1d", *SPAN)


def test_two_prices_for_one_day_are_an_error() -> None:
    twice = table_of_rows(DAILY, *DAYS, DAYS[1].replace("1681.11", "1680.0"))
    provider, _ = make_provider(stock_zh_a_hist=twice)

    with pytest.raises(ProviderBadData, match="twice with different prices"):
        provider.bars("600519", "1d", *SPAN)


def test_a_table_of_impossible_rows_is_an_error() -> None:
    broken = [f"2024-01-{day:02},600519,10,9,8,11,1,1,0,0,0,0" for day in (2, 3, 4, 5)]
    provider, _ = make_provider(stock_zh_a_hist=table_of_rows(DAILY, *broken))

    with pytest.raises(ProviderBadData, match="4 of 4 rows cannot be true"):
        provider.bars("600519", "1d", moment("2024-01-01"), moment("2024-01-10"))


def test_minutes_labelled_by_their_end_are_labelled_by_their_beginning() -> None:
    rows = (
        "2024-01-02 09:31:00,10,10,10,10,5,5000,10",
        "2024-01-02 13:01:00,10,10,10,10,5,5000,10",
    )
    provider, asker = make_provider(stock_zh_a_hist_min_em=table_of_rows(MINUTES, *rows))

    bars = provider.bars("000001.SZ", "1m", *SPAN).bars

    assert [f"{bars.start:%H:%M}", f"{bars.end:%H:%M}"] == ["01:30", "05:00"]
    assert "start_date" not in asker.asked[0].arguments


def test_an_hour_that_ends_after_a_break_begins_before_it() -> None:
    rows = [
        f"2024-01-02 {ends}:00,10,10,10,10,5,7"
        for ends in ("10:00", "11:15", "14:15", "15:00", "22:00", "23:00")
    ]
    provider, _ = make_provider(futures_zh_minute_sina=table_of_rows(FUTURE_HOURS, *rows))

    bars = provider.bars("rb2405", "1h", *SPAN).bars
    shown = [str(ts)[11:16] for ts in bars.ts.astype("datetime64[ns]")]

    # By China's clock 09:00, 10:00, 11:15, 14:15, 21:00, 22:00.
    assert shown == ["01:00", "02:00", "03:15", "06:15", "13:00", "14:00"]
    assert bars.extras["open_interest"].tolist() == [7.0] * 6


def test_the_main_contract_is_asked_as_sina_calls_it() -> None:
    row = "2024-01-02,10,11,9,10,5,7,10"
    header = "date,open,high,low,close,volume,hold,settle"
    provider, asker = make_provider(futures_zh_daily_sina=table_of_rows(header, row))

    bars = provider.bars("SHFE.rb.HOT", "1d", *SPAN).bars

    assert asker.asked[0].arguments["symbol"] == "RB0"
    assert bars.extras["settle"].tolist() == [10.0]


def test_factors_come_newest_first_and_leave_oldest_first() -> None:
    rows = ("2023-06-30,2.5", "2020-06-24,2.0", "1900-01-01,1.0")
    provider, asker = make_provider(stock_zh_a_daily=table_of_rows("date,hfq_factor", *rows))

    factors = provider.adj_factors("600519.SSE", date(2021, 1, 1), date(2024, 1, 1))

    assert factors.day.tolist() == [date(2020, 6, 24), date(2023, 6, 30)]
    assert factors.factor.tolist() == [2.0, 2.5]
    assert dict(asker.asked[0].arguments) == {"symbol": "sh600519", "adjust": "hfq-factor"}


def test_the_calendar_is_cut_to_the_span_and_refused_where_it_has_ended() -> None:
    table = table_of_rows("trade_date", "2023-12-29", "2024-01-02", "2024-01-03")
    provider, _ = make_provider(tool_trade_date_hist_sina=table)

    assert provider.calendar("SSE", date(2024, 1, 1), date(2024, 1, 2)) == (date(2024, 1, 2),)
    with pytest.raises(ProviderBadData, match="ends on 2024-01-03"):
        provider.calendar("SSE", date(2025, 1, 1), date(2025, 2, 1))


def test_the_list_gives_codes_their_exchange() -> None:
    table = pa.table({"code": ["600519", "000001", "999999"], "name": ["A", "B", "C"]})
    provider, _ = make_provider(stock_info_a_code_name=table)

    assert [one.symbol for one in provider.list_instruments()] == ["000001.SZSE", "600519.SSE"]


def test_a_snapshot_is_in_shares() -> None:
    header = "代码,最新价,今开,最高,最低,昨收,成交量,成交额"
    table = pa.table(
        {
            name: [cell]
            for name, cell in zip(header.split(","), ["600519", *range(1, 8)], strict=True)
        }
    )
    provider, _ = make_provider(stock_zh_a_spot_em=table)

    (quote,) = provider.snapshot(("600519",))

    assert (quote.last, quote.previous_close, quote.volume) == (1.0, 5.0, 600.0)
    with pytest.raises(SymbolNotFound):
        provider.snapshot(("000001",))


@pytest.mark.parametrize(
    ("symbol", "timeframe"), [("AAPL.US", "1d"), ("900901.SSE", "1d"), ("600519", "3m")]
)
def test_what_its_sites_do_not_have_is_not_asked(symbol: str, timeframe: str) -> None:
    provider, asker = make_provider()

    with pytest.raises(NotSupported):
        provider.bars(symbol, timeframe, *SPAN)
    assert asker.asked == []
