"""Crypto exchanges by way of ccxt: candles page after page, opened by UTC, the last one running."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from quantloom.data.providers.asking import Asker, Question
from quantloom.data.providers.checking import Asked, rows_to_bars
from quantloom.data.providers.errors import NotSupported, ProviderBadData
from quantloom.data.providers.offering import LONGER, Offering
from quantloom.data.providers.provider import Abilities, Listed, ProvidedBars, Quote
from quantloom.kit import Clock, FloatArray, to_ns
from quantloom.market import Kind, Resolution, UnknownSymbol, resolve

_NAME = "ccxt"
_TIMEFRAMES = ("1m", "5m", "15m", "30m", "1h", "4h", "1d")
_FIELDS = ("open", "high", "low", "close", "volume")
_NS_PER_MS = 1_000_000
_DAY_S = 86_400.0
# Candles of one page, where an exchange gives fewer than most do.
_PAGE = 500
_PAGES: Mapping[str, int] = {"okx": 300, "coinbase": 300, "bitget": 200, "deribit": 400}
_EXCHANGES = {
    "BINANCE": "binance",
    "OKX": "okx",
    "BYBIT": "bybit",
    "COINBASE": "coinbase",
    "KRAKEN": "kraken",
    "BITGET": "bitget",
    "BITFINEX": "bitfinex",
    "BITMEX": "bitmex",
    "BITSTAMP": "bitstamp",
    "DERIBIT": "deribit",
    "GATE": "gate",
    "HTX": "htx",
    "HYPERLIQUID": "hyperliquid",
    "KUCOIN": "kucoin",
    "MEXC": "mexc",
}
_MARKETS = {Kind.SPOT: "spot", Kind.PERPETUAL: "linear", Kind.INVERSE: "inverse"}


class CryptoProvider(Offering):
    """Spot pairs and perpetual swaps; the venue of a symbol names the exchange."""

    name = _NAME
    abilities = Abilities(
        timeframes=(*_TIMEFRAMES, *LONGER),
        venues=tuple(_EXCHANGES),
        lists=True,
        has_snapshot=True,
        runs_vendor_code=True,
    )

    def __init__(self, asker: Asker, clock: Clock, venue: str = "BINANCE") -> None:
        self.asker, self.clock, self.venue = asker, clock, venue

    def list_instruments(self) -> tuple[Listed, ...]:
        """List the spot pairs of the exchange that was chosen."""
        markets = self._value(self.venue, Kind.SPOT, "fetch_markets", {}, keep_s=_DAY_S)
        found = {}
        for market in _demand(markets, list, "fetch_markets"):
            if isinstance(market, dict) and market.get("spot") and market.get("active", True):
                spelling = f"{market.get('base')}-{market.get('quote')}.{self.venue}"
                if (one := _read(spelling)) is not None:
                    found[one.symbol] = str(market.get("symbol"))
        return tuple(
            Listed(symbol=symbol, name=found[symbol], kind=Kind.SPOT) for symbol in sorted(found)
        )

    def snapshot(self, symbols: Sequence[str]) -> tuple[Quote, ...]:
        """Give the market of each symbol as it is now."""
        return tuple(self._quote(resolve(symbol)) for symbol in symbols)

    def close(self) -> None:
        """End the worker process."""
        self.asker.close()

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        """Give candles that are over, page after page."""
        _demand_known(found)
        if str(asked.timeframe) not in _TIMEFRAMES:
            offered = f"{', '.join((*_TIMEFRAMES, *LONGER))} ones"
            raise NotSupported(_NAME, f"{asked.timeframe} bars", offered)
        rows = self._rows(found, asked)
        ts = rows[:, 0].astype(np.int64) * _NS_PER_MS
        columns = {name: rows[:, place] for place, name in enumerate(_FIELDS, start=1)}
        return rows_to_bars(replace(asked, function="fetch_ohlcv"), ts, columns)

    def _rows(self, found: Resolution, asked: Asked) -> FloatArray:
        """Walk from page to page; one that does not lead on ends the walk."""
        since, last = (
            to_ns(asked.start) // _NS_PER_MS,
            to_ns(min(asked.end, asked.now)) // _NS_PER_MS,
        )
        step = asked.timeframe.ns // _NS_PER_MS
        limit = _PAGES.get(_EXCHANGES[found.venue], _PAGE)
        pages: list[FloatArray] = [np.empty((0, 6))]
        while since < last:
            arguments = {
                "symbol": _unified(found),
                "timeframe": str(asked.timeframe),
                "since": since,
                "limit": limit,
            }
            page = _page(self._value(found.venue, found.kind, "fetch_ohlcv", arguments))
            reached = int(page[:, 0].max(initial=since - step))
            if reached < since:
                break
            pages.append(page)
            since = reached + step
        return np.concatenate(pages)

    def _quote(self, found: Resolution) -> Quote:
        _demand_known(found)
        arguments = {"symbol": _unified(found)}
        ticker = _demand(
            self._value(found.venue, found.kind, "fetch_ticker", arguments), dict, "fetch_ticker"
        )
        return Quote(
            symbol=found.symbol,
            at=self.clock.now(),
            last=_number(ticker, "last"),
            open=_number(ticker, "open"),
            high=_number(ticker, "high"),
            low=_number(ticker, "low"),
            previous_close=_number(ticker, "previousClose"),
            volume=_number(ticker, "baseVolume"),
            turnover=_number(ticker, "quoteVolume"),
        )

    def _value(
        self,
        venue: str,
        kind: Kind,
        function: str,
        arguments: Mapping[str, Any],
        keep_s: float = 0.0,
    ) -> Any:
        question = Question(
            provider=_NAME,
            vendor=_NAME,
            function=function,
            host=_EXCHANGES[venue],
            arguments=arguments,
            extra={"exchange": _EXCHANGES[venue], "markets": [_MARKETS[kind]]},
            timeout_s=timedelta(minutes=1).total_seconds(),
            keep_s=keep_s,
        )
        return self.asker.ask(question).value


def _demand_known(found: Resolution) -> None:
    if found.venue not in _EXCHANGES or found.kind not in _MARKETS:
        raise NotSupported(_NAME, found.symbol, f"pairs of {', '.join(_EXCHANGES)}")


def _unified(found: Resolution) -> str:
    base, quote = found.code.removesuffix("-PERP").split("-")
    if found.kind is Kind.SPOT:
        return f"{base}/{quote}"
    return f"{base}/{quote}:{base if found.kind is Kind.INVERSE else quote}"


def _page(value: Any) -> FloatArray:
    """Read rows of time, prices and volume; a cell may be None, which is NaN."""
    rows = _demand(value, list, "fetch_ohlcv")
    try:
        page = np.array([row[:6] for row in rows], dtype=np.float64).reshape(-1, 6)
    except (TypeError, ValueError) as error:
        raise ProviderBadData(_NAME, "fetch_ohlcv", f"a row that is none: {error}") from error
    if not np.isfinite(page[:, 0]).all():
        raise ProviderBadData(_NAME, "fetch_ohlcv", "a candle without a time")
    return page


def _demand(value: Any, wanted: type, function: str) -> Any:
    if not isinstance(value, wanted):
        raise ProviderBadData(_NAME, function, f"it is a {type(value).__name__}")
    return value


def _number(ticker: Mapping[str, Any], name: str) -> float:
    value = ticker.get(name)
    return float(value) if isinstance(value, int | float) else float("nan")


def _read(spelling: str) -> Resolution | None:
    try:
        return resolve(spelling)
    except UnknownSymbol:
        return None
