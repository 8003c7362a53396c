"""Akshare: a scraper of public Chinese sites, without a key and without guarantees.

Its functions, arguments and columns as akshare 1.19.5 has them. Prices are asked unadjusted and
factors apart, since a forward-adjusted history changes with every dividend.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from quantloom.data.arrow import Column
from quantloom.data.providers.asking import Asker, Question
from quantloom.data.providers.checking import (
    Asked,
    ColumnMap,
    Label,
    bars_of,
    column_of,
    days_of,
    numbers_of,
    table_of,
)
from quantloom.data.providers.errors import NotSupported, ProviderBadData, SymbolNotFound
from quantloom.data.providers.factors import factors_of_days
from quantloom.data.providers.offering import LONGER, Offering
from quantloom.data.providers.provider import Abilities, Listed, ProvidedBars, Quote
from quantloom.kit import Clock, from_ns
from quantloom.market import Factors, Kind, Resolution, Timeframe, UnknownSymbol, resolve

_NAME = "akshare"
_LOT = 100.0
_DAY_S = 86_400.0
_PERIODS = {"1m": "1", "5m": "5", "15m": "15", "30m": "30", "1h": "60"}
_STOCK_VENUES = ("SSE", "SZSE", "BSE")
_FUTURE_VENUES = ("CFFEX", "SHFE", "INE", "DCE", "CZCE", "GFEX")
_PREFIX = {"SSE": "sh", "SZSE": "sz", "BSE": "bj"}
_B_SHARES = ("900", "200")

_EASTMONEY = {"open": "开盘", "high": "最高", "low": "最低", "close": "收盘", "volume": "成交量"}
_EASTMONEY_TURNOVER = _EASTMONEY | {"turnover": "成交额"}
_SINA = {name: name for name in ("open", "high", "low", "close", "volume")}
_LOTS = {"volume": _LOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """Which function answers for a kind of instrument, and whom it asks.

    Attributes:
        takes_span: whether it can be asked for a part of the history.
    """

    columns: ColumnMap
    host: str
    takes_span: bool = True
    arguments: Mapping[str, str] = field(default_factory=dict)


def _eastmoney_daily(function: str, **arguments: str) -> _Route:
    columns = ColumnMap(function=function, time="日期", fields=_EASTMONEY_TURNOVER, scale=_LOTS)
    return _Route(columns=columns, host="eastmoney", arguments={"period": "daily"} | arguments)


def _eastmoney_minutes(function: str, **arguments: str) -> _Route:
    columns = ColumnMap(
        function=function,
        time="时间",
        fields=_EASTMONEY_TURNOVER,
        scale=_LOTS,
        label=Label.CLOSE,
    )
    # The site sends all it has whatever is asked, and what is cut off would show where it begins.
    return _Route(columns=columns, host="eastmoney", takes_span=False, arguments=arguments)


_DAILY: Mapping[Kind, _Route] = {
    Kind.STOCK: _eastmoney_daily("stock_zh_a_hist", adjust=""),
    Kind.FUND: _eastmoney_daily("fund_etf_hist_em", adjust=""),
    Kind.INDEX: _eastmoney_daily("index_zh_a_hist"),
    Kind.FUTURE: _Route(
        columns=ColumnMap(
            function="futures_zh_daily_sina",
            time="date",
            fields=_SINA | {"open_interest": "hold", "settle": "settle"},
        ),
        host="sina",
        takes_span=False,
    ),
}
_MINUTES: Mapping[Kind, _Route] = {
    Kind.STOCK: _eastmoney_minutes("stock_zh_a_hist_min_em", adjust=""),
    Kind.FUND: _eastmoney_minutes("fund_etf_hist_min_em", adjust=""),
    Kind.INDEX: _eastmoney_minutes("index_zh_a_hist_min_em"),
    Kind.FUTURE: _Route(
        columns=ColumnMap(
            function="futures_zh_minute_sina",
            time="datetime",
            fields=_SINA | {"open_interest": "hold"},
            label=Label.CLOSE,
        ),
        host="sina",
        takes_span=False,
    ),
}
_FACTORS, _CALENDAR = "stock_zh_a_daily", "tool_trade_date_hist_sina"
_LIST, _SNAPSHOT = "stock_info_a_code_name", "stock_zh_a_spot_em"
_QUOTE = {
    "last": "最新价",
    "open": "今开",
    "high": "最高",
    "low": "最低",
    "previous_close": "昨收",
    "volume": "成交量",
    "turnover": "成交额",
}


class AkshareProvider(Offering):
    """Chinese stocks, funds, indices and futures by way of akshare."""

    name = _NAME
    abilities = Abilities(
        timeframes=(*_PERIODS, "1d", *LONGER),
        venues=(*_STOCK_VENUES, *_FUTURE_VENUES, "INDEX"),
        lists=True,
        adjusts=True,
        has_calendar=True,
        has_snapshot=True,
        runs_vendor_code=True,
    )

    def __init__(self, asker: Asker, clock: Clock) -> None:
        self.asker, self.clock = asker, clock

    def list_instruments(self) -> tuple[Listed, ...]:
        """List the A-shares of Shanghai, Shenzhen and Beijing."""
        table = self._table(_LIST, {}, host="exchanges", keep_s=_DAY_S)
        codes = _texts(_LIST, table, "code")
        names = _texts(_LIST, table, "name")
        found = {code: name for code, name in zip(codes, names, strict=True) if _known(code)}
        return tuple(
            Listed(symbol=resolve(code).symbol, name=found[code], kind=resolve(code).kind)
            for code in sorted(found)
        )

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        """Give the factors of a stock as Sina publishes them, 1 at its listing."""
        found = resolve(symbol)
        if found.kind is not Kind.STOCK or found.venue not in _PREFIX:
            raise NotSupported(_NAME, f"factors of {found.symbol}", "those of A-shares")
        code = f"{_PREFIX[found.venue]}{found.code}"
        arguments = {"symbol": code, "adjust": "hfq-factor"}
        table = self._table(_FACTORS, arguments, host="sina")
        days = days_of(_NAME, _FACTORS, column_of(_NAME, _FACTORS, table, "date"))
        column = column_of(_NAME, _FACTORS, table, "hfq_factor")
        values = numbers_of(_NAME, _FACTORS, column)
        return factors_of_days(_NAME, found.symbol, days, values, start=start, end=end)

    def calendar(self, venue: str, start: date, end: date) -> tuple[date, ...]:
        """List trading days, those of the rest of this year among them."""
        if venue not in {*_STOCK_VENUES, *_FUTURE_VENUES}:
            raise NotSupported(_NAME, f"a calendar of {venue}", "that of mainland China")
        table = self._table(_CALENDAR, {}, host="sina", keep_s=_DAY_S)
        column = column_of(_NAME, _CALENDAR, table, "trade_date")
        days = {from_ns(int(day)).date() for day in days_of(_NAME, _CALENDAR, column)}
        if days and max(days) < start:
            raise ProviderBadData(_NAME, _CALENDAR, f"it ends on {max(days)}")
        return tuple(sorted(day for day in days if start <= day <= end))

    def snapshot(self, symbols: Sequence[str]) -> tuple[Quote, ...]:
        """Give the market of A-shares; the whole market is asked, whatever is wanted of it."""
        table = self._table(_SNAPSHOT, {}, host="eastmoney", timeout_s=300.0)
        row_of = {code: row for row, code in enumerate(_texts(_SNAPSHOT, table, "代码"))}
        columns = {
            ours: numbers_of(_NAME, _SNAPSHOT, column_of(_NAME, _SNAPSHOT, table, theirs))
            for ours, theirs in _QUOTE.items()
        }
        columns["volume"] = columns["volume"] * _LOT
        wanted = [resolve(symbol) for symbol in symbols]
        for one in wanted:
            if one.code not in row_of or one.venue not in _STOCK_VENUES:
                raise SymbolNotFound(_NAME, one.symbol)
        at = self.clock.now()
        return tuple(
            Quote(
                symbol=one.symbol,
                at=at,
                **{name: float(values[row_of[one.code]]) for name, values in columns.items()},
            )
            for one in wanted
        )

    def close(self) -> None:
        """End the worker process."""
        self.asker.close()

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        """Give raw bars; of minutes the sites keep only the last days or the last thousand."""
        route = _route(found, asked.timeframe)
        arguments = {"symbol": _code(found), **route.arguments}
        if asked.timeframe.is_intraday:
            arguments["period"] = _PERIODS[str(asked.timeframe)]
        if route.takes_span:
            arguments |= _span(asked.start, asked.end)
        table = self._table(route.columns.function, arguments, host=route.host)
        if not table.num_columns:  # an empty frame has not even a heading
            table = pa.table(
                {name: pa.array([], pa.float64()) for name in _headings(route.columns)}
            )
        return bars_of(asked, route.columns, table)

    def _table(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        host: str,
        keep_s: float = 0.0,
        timeout_s: float = 60.0,
    ) -> pa.Table:
        question = Question(
            provider=_NAME,
            vendor=_NAME,
            function=function,
            host=host,
            arguments=arguments,
            keep_s=keep_s,
            timeout_s=timeout_s,
        )
        return table_of(question, self.asker.ask(question))


def _route(found: Resolution, length: Timeframe) -> _Route:
    routes = _MINUTES if length.is_intraday else _DAILY
    is_known = str(length) in (*_PERIODS, "1d")
    if not is_known:
        raise NotSupported(_NAME, f"{length} bars", "1m, 5m, 15m, 30m, 1h, 1d, 1w and 1M ones")
    is_b_share = found.kind is Kind.STOCK and found.code.startswith(_B_SHARES)
    is_here = found.venue in AkshareProvider.abilities.venues
    is_foreign = found.kind is Kind.INDEX and not found.code.isdigit()
    if found.kind not in routes or is_b_share or is_foreign or not is_here:
        raise NotSupported(_NAME, found.symbol, "A-shares, funds, indices and futures of China")
    return routes[found.kind]


def _code(found: Resolution) -> str:
    if found.kind is not Kind.FUTURE:
        return found.code
    # The main contract, one after the other, without any adjustment at its rolls.
    return found.code.upper().replace("-MAIN", "0")


def _span(start: datetime, end: datetime) -> dict[str, str]:
    last = end - timedelta(microseconds=1)
    return {"start_date": f"{start:%Y%m%d}", "end_date": f"{last:%Y%m%d}"}


def _headings(columns: ColumnMap) -> tuple[str, ...]:
    return (columns.time, *columns.fields.values())


def _texts(function: str, table: pa.Table, name: str) -> list[str]:
    column: Column = column_of(_NAME, function, table, name)
    return [str(cell) for cell in column.to_pylist()]


def _known(code: str) -> bool:
    try:
        resolve(code)
    except UnknownSymbol:
        return False
    return True
