"""What every file of market data under shared/data/raw is, as its sources and their checks say."""

from typing import NamedTuple


class Truth(NamedTuple):
    """One raw file.

    Attributes:
        datasets: how many symbols, contracts or parts with rows it holds.
        symbol, rows, first, last: of the first dataset; times in UTC, of bars their open.
        units: shares a unit of volume, money a unit of turnover, what prices are divided by.
        question: the only thing that a human has to say.
    """

    path: str
    kind: str
    datasets: int
    symbol: str
    timeframe: str
    rows: int
    first: str
    last: str
    label: str
    zone: str
    units: tuple[float, float, float]
    adjustment: str
    question: str


# fmt: off
TRUTH = tuple(Truth(*row) for row in (
    ("backtestingpy/EURUSD.csv", "bars", 1, "EURUSD.FX", "1h", 5000, "2017-04-19T09:00:00", "2018-02-07T15:00:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("backtestingpy/GOOG.csv", "bars", 1, "GOOG.US", "1d", 2148, "2004-08-19T00:00:00", "2013-03-01T00:00:00", "session", "America/New_York", (1, 1, 1), "none", ""),  # noqa: E501
    ("backtrader/2006-day-001.txt", "bars", 1, "2006-day-001.LOCAL", "1d", 255, "2006-01-02T00:00:00", "2006-12-29T00:00:00", "session", "UTC", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("backtrader/yhoo-1996-2015.txt", "bars", 1, "yhoo-1996-2015.LOCAL", "1d", 4965, "1996-04-12T00:00:00", "2015-12-31T00:00:00", "session", "UTC", (1, 1, 1), "suspected", "symbol"),  # noqa: E501
    ("bitcoincharts/bitstampUSD.head3000.csv", "trades", 1, "bitstampUSD-head3000.LOCAL", "", 3000, "2011-09-13T13:53:36", "2012-03-18T11:46:28", "open", "UTC", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("cryptodatadownload/Coinbase_BTCUSD_1h.head6000.csv", "bars", 1, "BTC-USD.COINBASE", "1h", 5998, "2019-02-09T12:00:00", "2019-10-17T09:00:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("dolphindb/20200102_SH_trade.head5000.csv", "trades", 1, "600000.SSE", "", 5000, "2020-01-02T01:30:00", "2020-01-02T01:43:28", "open", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("dolphindb/candle_201801.csv", "bars", 1, "000001.SZSE", "1m", 5040, "2018-01-02T01:30:00", "2018-01-30T06:59:00", "close", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("dolphindb/taq_trades_no_date.csv", "trades", 2, "AAPL.US", "", 1875, "2014-06-05T12:00:00", "2014-06-05T13:43:13", "open", "America/New_York", (1, 1, 1), "none", "day"),  # noqa: E501
    ("freqtrade/ETH_BTC-5m.feather", "bars", 1, "ETH-BTC.BINANCE", "5m", 5760, "2018-01-10T04:55:00", "2018-01-30T04:50:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("freqtrade/UNITTEST_BTC-1m.json", "bars", 1, "UNITTEST-BTC.BINANCE", "1m", 13681, "2017-11-04T23:02:00", "2017-11-14T22:59:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("freqtrade/UNITTEST_BTC-5m.h5", "bars", 1, "UNITTEST-BTC.BINANCE", "5m", 5760, "2018-01-10T04:55:00", "2018-01-30T04:50:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("freqtrade/UNITTEST_BTC-8m.json.gz", "bars", 1, "UNITTEST-BTC.BINANCE", "1m", 13681, "2017-11-04T23:02:00", "2017-11-14T22:59:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("freqtrade/XRP_ETH-trades.json.gz", "trades", 1, "XRP-ETH.BINANCE", "", 12477, "2019-10-11T00:00:11", "2019-10-13T11:19:28", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("freqtrade/XRP_ETH-trades.parquet", "trades", 1, "XRP-ETH.BINANCE", "", 12477, "2019-10-11T00:00:11", "2019-10-13T11:19:28", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("hikyuu/test_min_data.head5000.csv", "bars", 1, "test_min_data-head5000.LOCAL", "1m", 5000, "2017-03-03T05:21:00", "2017-04-06T05:01:00", "close", "Asia/Shanghai", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("lean/crypto-coinbase-minute-btcusd/20180404_trade.zip", "bars", 1, "BTC-USD.COINBASE", "1m", 1007, "2018-04-04T00:00:00", "2018-04-04T16:47:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("lean/equity-usa-daily-aapl.zip", "bars", 1, "AAPL.US", "1d", 5849, "1998-01-02T00:00:00", "2021-03-31T00:00:00", "session", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/equity-usa-daily-spy.zip", "bars", 1, "SPY.US", "1d", 5849, "1998-01-02T00:00:00", "2021-03-31T00:00:00", "session", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/equity-usa-minute-spy/20131007_quote.zip", "bars", 1, "SPY.US", "1m", 908, "2013-10-07T08:00:00", "2013-10-08T00:00:00", "open", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/equity-usa-minute-spy/20131007_trade.zip", "bars", 1, "SPY.US", "1m", 828, "2013-10-07T08:00:00", "2013-10-07T23:59:00", "open", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/equity-usa-minute-spy/20131008_trade.zip", "bars", 1, "SPY.US", "1m", 828, "2013-10-08T08:00:00", "2013-10-08T23:59:00", "open", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/forex-oanda-minute-eurusd/20140501_quote.zip", "bars", 1, "EURUSD.FX", "1m", 1363, "2014-05-01T00:00:00", "2014-05-01T23:59:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("lean/future-cme-minute-es/20131007_trade.zip", "bars", 3, "ESZ13.CME", "1m", 1344, "2013-10-07T00:00:00", "2013-10-07T23:59:00", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("lean/indexoption-usa-daily-spx_2021_trade_european.zip", "bars", 5, "SPX210115C03200000.US", "1d", 1, "2021-01-04T00:00:00", "2021-01-04T00:00:00", "session", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/option-usa-daily-twx_2014_quote_american.zip", "bars", 171, "TWX160115C00100000.US", "1d", 2, "2014-06-05T00:00:00", "2014-06-06T00:00:00", "session", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("lean/option-usa-minute-twx/20140605_trade_american.zip", "bars", 28, "TWX150117C00057500.US", "1m", 1, "2014-06-05T18:43:00", "2014-06-05T18:43:00", "open", "America/New_York", (1, 1, 10000), "none", ""),  # noqa: E501
    ("nautilus/6EH4.XCME_1min_bars_20240101_20240131.csv.gz", "bars", 1, "6EH4.CME", "1m", 29996, "2024-01-01T23:00:00", "2024-01-31T23:58:00", "close", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("nautilus/binance-futures_book_snapshot_25_BTCUSDT.csv", "quotes", 1, "BTC-USDT-PERP.BINANCE", "", 10, "2020-09-01T00:00:03", "2020-09-01T00:00:04", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("nautilus/btcusdt-depth-snap.csv", "book", 1, "BTC-USDT.BINANCE", "", 1, "2022-11-01T23:49:39", "2022-11-01T23:49:39", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("nautilus/btcusdt-depth-update.csv", "book", 1, "BTC-USDT.BINANCE", "", 1, "2022-11-01T23:59:59", "2022-11-01T23:59:59", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("nautilus/quote_tick_data.csv", "quotes", 1, "quote_tick_data.LOCAL", "", 9500, "2020-01-01T22:00:00", "2020-01-02T04:00:52", "open", "Etc/GMT+5", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("nautilus/xrpusdt-ob500.data.zip", "book", 1, "XRP-USDT.BINANCE", "", 50, "2024-12-01T00:00:00", "2024-12-01T00:00:05", "open", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("ninjatrader/nt-spy-minute-2011.csv", "bars", 1, "nt-spy-minute-2011.LOCAL", "1m", 14180, "2011-01-03T09:00:00", "2011-02-01T00:59:00", "close", "UTC", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("quandl/WIKI-ORCL-2011-quandl.csv", "bars", 1, "WIKI-ORCL-2011-quandl.LOCAL", "1d", 252, "2011-01-03T00:00:00", "2011-12-30T00:00:00", "session", "UTC", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("rqdata_like/rb2401.SHFE.descending.csv", "bars", 1, "rb2401.SHFE", "1m", 1835, "2023-09-25T01:00:00", "2023-10-10T06:59:00", "close", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("skender/bitcoin.csv", "bars", 1, "bitcoin.LOCAL", "1d", 1246, "2017-08-16T00:00:00", "2021-01-12T00:00:00", "session", "UTC", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("skender/default.csv", "bars", 1, "default.LOCAL", "1d", 502, "2017-01-03T00:00:00", "2018-12-31T00:00:00", "session", "UTC", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("skender/intraday.csv", "bars", 1, "intraday.LOCAL", "1m", 1564, "2020-12-15T14:30:00", "2020-12-18T21:00:00", "open", "America/New_York", (1, 1, 1), "none", "symbol"),  # noqa: E501
    ("trademaster/dj30_valid.head2000.csv", "bars", 29, "AAPL.US", "1d", 69, "2020-01-02T00:00:00", "2020-04-09T00:00:00", "session", "America/New_York", (1, 1, 1), "none", ""),  # noqa: E501
    ("trademaster/portfolio_management_Future_data.csv", "bars", 20, "fu2305.SHFE", "5m", 1023, "2023-03-07T14:00:00", "2023-03-28T06:55:00", "close", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("tushare/600000.SH.csv", "bars", 1, "600000.SSE", "1d", 1456, "2014-01-02T00:00:00", "2020-02-13T00:00:00", "session", "Asia/Shanghai", (100, 1000, 1), "suspected", ""),  # noqa: E501
    ("tushare/600519.SH.qfq.csv", "bars", 1, "600519.SSE", "1d", 2591, "2010-01-04T00:00:00", "2020-09-07T00:00:00", "session", "Asia/Shanghai", (100, 1000, 1), "forward", ""),  # noqa: E501
    ("vnpy/000300.csv", "bars", 1, "000300.INDEX", "1d", 1423, "2013-01-04T00:00:00", "2018-11-09T00:00:00", "session", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("vnpy/RM705-2017-03-20.ticks.head5000.csv", "quotes", 1, "RM1705.CZCE", "", 5000, "2017-03-20T01:00:00", "2017-03-20T01:45:16", "open", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("wondertrader/CFFEX.IF.HOT_m5.head5000.csv", "bars", 1, "IF-MAIN.CFFEX", "5m", 5000, "2014-01-02T01:30:00", "2014-06-10T02:05:00", "close", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("wondertrader/CFFEX.IF.HOT_tick_20210104.dsb", "ticks", 1, "IF2101.CFFEX", "", 27955, "2021-01-04T01:29:00", "2021-01-04T07:35:19", "open", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("wondertrader/SHFE.rb_HOT.day.dsb", "bars", 1, "rb-MAIN.SHFE", "1d", 1404, "2016-01-04T00:00:00", "2021-10-13T00:00:00", "session", "Asia/Shanghai", (1, 1, 1), "none", ""),  # noqa: E501
    ("wondertrader/SSE.600009Q_m1.gbk.csv", "bars", 1, "600009.SSE", "1m", 15353, "2020-01-02T01:30:00", "2020-04-10T02:26:00", "close", "Asia/Shanghai", (1, 1, 1), "forward", ""),  # noqa: E501
    ("yahoo/EWG-1d-no-bad-divs.csv", "bars", 1, "EWG.US", "1d", 662, "2022-01-03T00:00:00", "2024-08-21T00:00:00", "session", "UTC", (1, 1, 1), "none", ""),  # noqa: E501
    ("yahoo/SPY-2011-yahoofinance.csv", "bars", 1, "SPY.US", "1d", 252, "2011-01-03T00:00:00", "2011-12-30T00:00:00", "session", "America/New_York", (1, 1, 1), "none", ""),  # noqa: E501
    ("zipline/AAPL.csv.gz", "bars", 1, "AAPL.US", "1d", 754, "2012-01-03T00:00:00", "2014-12-31T00:00:00", "session", "America/New_York", (1, 1, 1), "suspected", ""),  # noqa: E501
))
# fmt: on

NOT_MARKET_DATA = (
    "freqtrade/futures-XRP_USDT_USDT-8h-funding_rate.feather",
    "freqtrade/pairs.json",
    "lean/future-cme-minute-es/20131007_openinterest.zip",
)
"""Files that hold something else, beside LEAN's factors and maps of tickers."""

CURATED = (
    ("backtestingpy/EURUSD.csv", "fx/EURUSD.bt.1h"),
    ("backtestingpy/GOOG.csv", "us_stock/GOOG.1d"),
    ("cryptodatadownload/Coinbase_BTCUSD_1h.head6000.csv", "crypto/coinbase.BTC-USD.1h"),
    ("dolphindb/candle_201801.csv", "cn_stock/000001.SZ.1m"),
    ("freqtrade/ETH_BTC-5m.feather", "crypto/bittrex.ETH-BTC.5m"),
    ("hikyuu/test_min_data.head5000.csv", "index/000001.SH.1m"),
    ("lean/equity-usa-daily-aapl.zip", "us_stock/AAPL.lean.1d"),
    ("lean/equity-usa-daily-spy.zip", "us_stock/SPY.1d"),
    ("lean/equity-usa-minute-spy/20131007_trade.zip", "us_stock/SPY.1m"),
    ("lean/equity-usa-minute-spy/20131008_trade.zip", "us_stock/SPY.1m"),
    ("lean/forex-oanda-minute-eurusd/20140501_quote.zip", "fx/EURUSD.1m"),
    ("lean/future-cme-minute-es/20131007_trade.zip", "futures_global/ES201312.1m"),
    ("nautilus/6EH4.XCME_1min_bars_20240101_20240131.csv.gz", "futures_global/CME.6EH4.1m"),
    ("ninjatrader/nt-spy-minute-2011.csv", "us_stock/SPY.2011-01.1m"),
    ("rqdata_like/rb2401.SHFE.descending.csv", "cn_futures/SHFE.rb2401.1m"),
    ("trademaster/portfolio_management_Future_data.csv", "cn_futures/SHFE.fu2305.5m"),
    ("tushare/600519.SH.qfq.csv", "cn_stock/600519.SH.1d"),
    ("vnpy/000300.csv", "index/000300.SH.1d"),
    ("wondertrader/CFFEX.IF.HOT_m5.head5000.csv", "cn_futures/CFFEX.IF.HOT.5m"),
    ("wondertrader/SHFE.rb_HOT.day.dsb", "cn_futures/SHFE.rb.HOT.1d"),
    ("wondertrader/SSE.600009Q_m1.gbk.csv", "cn_stock/600009.SH.1m"),
)
"""Raw files of which the same bars lie curated under shared/data/bars."""
