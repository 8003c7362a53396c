"""Tushare pro, by its documented protocol over https: a token, points, rows newest first.

The vendor's package sends the token in clear text, and turns a failure into an empty frame.
`docs/decisions/0011-vendors.md` says why it is not used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

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
from quantloom.data.providers.errors import BadProviderSetting, NotSupported, ProviderBadData
from quantloom.data.providers.factors import factors_of_days
from quantloom.data.providers.offering import LONGER, Offering
from quantloom.data.providers.provider import Abilities, Listed, ProvidedBars
from quantloom.kit import Clock, from_ns
from quantloom.market import Factors, Kind, Resolution, Timeframe, UnknownSymbol, resolve

ENDPOINT = "https://api.tushare.pro"
"""Where the protocol is spoken; any other address must be https as well."""

_NAME = "tushare"
_LOT, _THOUSAND, _TEN_THOUSAND = 100.0, 1_000.0, 10_000.0
_DAY_S = 86_400.0
_FREQUENCIES = {"1m": "1min", "5m": "5min", "15m": "15min", "30m": "30min", "1h": "60min"}
# Programs that talk to tushare spell Zhengzhou in either way; where one brings nothing the other is
# asked, and one that has brought rows is asked first from then on.
_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "SSE": ("SH",),
    "SZSE": ("SZ",),
    "BSE": ("BJ",),
    "SHFE": ("SHF",),
    "CFFEX": ("CFX",),
    "CZCE": ("CZC", "ZCE"),
    "DCE": ("DCE",),
    "INE": ("INE",),
    "GFEX": ("GFE",),
}
_PRICES = {name: name for name in ("open", "high", "low", "close")}
_SHARES = _PRICES | {"volume": "vol", "turnover": "amount"}
_IN_LOTS = {"volume": _LOT, "turnover": _THOUSAND}
_CONTRACTS = _SHARES | {"open_interest": "oi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """Which function answers, and how many days of it one answer can hold."""

    columns: ColumnMap
    days: int


def _daily(function: str, fields: Mapping[str, str], scale: Mapping[str, float]) -> _Route:
    columns = ColumnMap(function=function, time="trade_date", fields=fields, scale=scale)
    # An answer holds 6,000 rows of stocks and 2,000 of futures.
    return _Route(columns=columns, days=5_000 if fields is _SHARES else 2_500)


def _minutes(function: str, fields: Mapping[str, str]) -> _Route:
    columns = ColumnMap(function=function, time="trade_time", fields=fields, label=Label.CLOSE)
    return _Route(columns=columns, days=20)


_DAILY: Mapping[Kind, _Route] = {
    Kind.STOCK: _daily("daily", _SHARES, _IN_LOTS),
    Kind.FUND: _daily("fund_daily", _SHARES, _IN_LOTS),
    Kind.INDEX: _daily("index_daily", _SHARES, _IN_LOTS),
    Kind.FUTURE: _daily(
        "fut_daily", _CONTRACTS | {"settle": "settle"}, {"turnover": _TEN_THOUSAND}
    ),
}
# Minutes come in shares and yuan.
_MINUTES: Mapping[Kind, _Route] = {
    Kind.STOCK: _minutes("stk_mins", _SHARES),
    Kind.FUND: _minutes("stk_mins", _SHARES),
    Kind.FUTURE: _minutes("ft_mins", _CONTRACTS),
}
_ADJUSTING = {Kind.STOCK: "adj_factor", Kind.FUND: "fund_adj"}
_FORTNIGHT = 14


class TushareProvider(Offering):
    """Chinese stocks, funds, indices and futures from tushare pro."""

    name = _NAME
    abilities = Abilities(
        timeframes=(*_FREQUENCIES, "1d", *LONGER),
        venues=(*_SUFFIXES, "INDEX"),
        lists=True,
        adjusts=True,
        has_calendar=True,
        needs_token=True,
    )

    def __init__(
        self, asker: Asker, clock: Clock, *, token: str | None, endpoint: str = ENDPOINT
    ) -> None:
        if not token:
            raise BadProviderSetting(_NAME, "token", "is needed; tushare.pro gives one")
        if not endpoint.startswith("https://"):
            raise BadProviderSetting(_NAME, "endpoint", "must be https, the token travels there")
        self.asker, self.clock = asker, clock
        self._token, self._endpoint = token, endpoint
        self._heard: set[str] = set()

    def list_instruments(self) -> tuple[Listed, ...]:
        """List the stocks that are traded, with the day of their listing."""
        fields = ("ts_code", "name", "list_date")
        table = self._table("stock_basic", {"list_status": "L"}, fields, keep_s=_DAY_S)
        codes, names, days = (
            column_of(_NAME, "stock_basic", table, field).to_pylist() for field in fields
        )
        found = [
            Listed(symbol=symbol, name=str(name), kind=Kind.STOCK, listed_on=_day(day))
            for code, name, day in zip(codes, names, days, strict=True)
            if (symbol := _symbol(str(code)))
        ]
        return tuple(sorted(found, key=lambda one: one.symbol))

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        """Give the factors of a stock or a fund."""
        found = resolve(symbol)
        if found.kind not in _ADJUSTING:
            raise NotSupported(_NAME, f"factors of {found.symbol}", "those of stocks and funds")
        function, fields = _ADJUSTING[found.kind], ("trade_date", "adj_factor")
        arguments = {
            "ts_code": f"{_code(found)}.{_suffixes(found)[0]}",
            "start_date": f"{start:%Y%m%d}",
            "end_date": f"{end:%Y%m%d}",
        }
        table = self._table(function, arguments, fields)
        days = days_of(_NAME, function, column_of(_NAME, function, table, fields[0]))
        values = numbers_of(_NAME, function, column_of(_NAME, function, table, fields[1]))
        return factors_of_days(_NAME, found.symbol, days, values, start=start, end=end)

    def calendar(self, venue: str, start: date, end: date) -> tuple[date, ...]:
        """List the trading days of an exchange of mainland China."""
        if venue not in _SUFFIXES:
            raise NotSupported(_NAME, f"a calendar of {venue}", "those of mainland China")
        arguments = {
            "exchange": venue,
            "start_date": f"{start:%Y%m%d}",
            "end_date": f"{end:%Y%m%d}",
        }
        table = self._table("trade_cal", arguments | {"is_open": "1"}, ("cal_date",), keep_s=_DAY_S)
        days = days_of(_NAME, "trade_cal", column_of(_NAME, "trade_cal", table, "cal_date"))
        if not len(days) and (end - start).days > _FORTNIGHT:
            raise ProviderBadData(
                _NAME, "trade_cal", f"no day from {start} to {end}", may_pass=True
            )
        return tuple(sorted(from_ns(int(day)).date() for day in days))

    def close(self) -> None:
        """End the worker process."""
        self.asker.close()

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        """Give raw bars, in as many questions as their number of rows needs."""
        route = _route(found, asked.timeframe)
        return bars_of(asked, route.columns, self._history(found, asked, route))

    def _history(self, found: Resolution, asked: Asked, route: _Route) -> pa.Table:
        fields = (route.columns.time, *route.columns.fields.values())
        minutes = asked.timeframe.seconds // 60 if asked.timeframe.is_intraday else 1
        step = timedelta(days=route.days * minutes)
        spans = list(_pieces(asked.start, min(asked.end, asked.now), step))
        tables: list[pa.Table] = []
        for suffix in sorted(_suffixes(found), key=lambda one: one not in self._heard):
            code = {"ts_code": f"{_code(found)}.{suffix}"}
            tables = [
                self._table(route.columns.function, code | _span(asked.timeframe, *span), fields)
                for span in spans
            ]
            if full := [table for table in tables if table.num_rows]:
                self._heard.add(suffix)
                return pa.concat_tables(full, promote_options="permissive")
        return tables[0]

    def _table(
        self,
        function: str,
        arguments: Mapping[str, Any],
        fields: tuple[str, ...],
        keep_s: float = 0.0,
    ) -> pa.Table:
        question = Question(
            provider=_NAME,
            vendor=_NAME,
            function=function,
            host=_NAME,
            arguments=arguments,
            extra={"endpoint": self._endpoint, "fields": ",".join(fields)},
            secret=self._token,
            timeout_s=30.0,
            keep_s=keep_s,
        )
        return table_of(question, self.asker.ask(question))


def _route(found: Resolution, length: Timeframe) -> _Route:
    routes = _MINUTES if length.is_intraday else _DAILY
    if str(length) not in (*_FREQUENCIES, "1d"):
        raise NotSupported(_NAME, f"{length} bars", "1m, 5m, 15m, 30m, 1h, 1d, 1w and 1M ones")
    is_foreign = found.kind is Kind.INDEX and not found.code.isdigit()
    if found.kind not in routes or found.venue not in (*_SUFFIXES, "INDEX") or is_foreign:
        raise NotSupported(
            _NAME, f"{length} bars of {found.symbol}", "stocks, funds, futures and indices of China"
        )
    return routes[found.kind]


def _suffixes(found: Resolution) -> tuple[str, ...]:
    if found.kind is Kind.INDEX:
        return ("SZ" if found.code.startswith("399") else "SH",)
    return _SUFFIXES[found.venue]


def _code(found: Resolution) -> str:
    # The chain of main contracts is the product without a month.
    return found.code.removesuffix("-MAIN").upper()


def _span(length: Timeframe, start: datetime, end: datetime) -> dict[str, str]:
    if not length.is_intraday:
        last = end - timedelta(microseconds=1)
        return {"start_date": f"{start:%Y%m%d}", "end_date": f"{last:%Y%m%d}"}
    ahead, form = timedelta(hours=8), "%Y-%m-%d %H:%M:%S"
    # Times are by China's clock and name the end of a bar.
    last = end + ahead + timedelta(seconds=length.seconds)
    return {
        "freq": _FREQUENCIES[str(length)],
        "start_date": f"{start + ahead:{form}}",
        "end_date": f"{last:{form}}",
    }


def _pieces(start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    while True:
        cut = min(start + step, end)
        yield start, max(cut, start)
        if cut >= end:
            return
        start = cut


def _symbol(code: str) -> str | None:
    try:
        return resolve(code).symbol
    except UnknownSymbol:
        return None


def _day(text: object) -> date | None:
    return datetime.strptime(str(text), "%Y%m%d").date() if text else None  # noqa: DTZ007  a date
