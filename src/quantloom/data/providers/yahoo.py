"""Yahoo by way of yfinance: unofficial, for study; mind its terms.

Asked without its default adjustment. What it calls the close still counts today's shares, so
splits are undone here, and factors are worked out of its dividends and splits.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from quantloom.data.providers.asking import Asker, Question
from quantloom.data.providers.checking import (
    Asked,
    column_of,
    days_of,
    moments_of,
    numbers_of,
    rows_to_bars,
    table_of,
)
from quantloom.data.providers.errors import NotSupported, ProviderBadData
from quantloom.data.providers.factors import factors_of_days
from quantloom.data.providers.offering import LONGER, Offering
from quantloom.data.providers.provider import Abilities, ProvidedBars
from quantloom.kit import BoolArray, Clock, FloatArray, IntArray
from quantloom.market import Factors, Kind, Resolution, resolve

_NAME = "yfinance"
_FUNCTION = "history"
_OFFERED = "stocks and indices of the US and of mainland China"
_INTERVALS = {"1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "60m", "1d": "1d"}
_SUFFIX = {"SSE": ".SS", "SZSE": ".SZ"}
_US = ("US", "NASDAQ", "NYSE", "AMEX", "ARCA", "BATS")
_CARETS = {"SPX": "^GSPC"}
_PRICES = {"open": "Open", "high": "High", "low": "Low", "close": "Close"}
_DIVIDENDS, _SPLITS = "Dividends", "Stock Splits"
_BEGINNING = datetime(1962, 1, 2, tzinfo=UTC)
# Prices come as 32-bit floats, whose first seven digits are the price's own.
_DIGITS = 7


class YahooProvider(Offering):
    """US and Chinese stocks and indices by way of yfinance."""

    name = _NAME
    abilities = Abilities(
        timeframes=(*_INTERVALS, *LONGER),
        venues=(*_US, *_SUFFIX, "INDEX"),
        adjusts=True,
        runs_vendor_code=True,
    )

    def __init__(self, asker: Asker, clock: Clock) -> None:
        self.asker, self.clock = asker, clock

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        """Work the factors out of all dividends and splits, 1 at the first day Yahoo has.

        Source:
            Yahoo's own adjusted close: each dividend multiplies what came before by
            1 - dividend / close of the day before.
        """
        found = resolve(symbol)
        now = self.clock.now()
        table = self._table(_ticker(found), "1d", _BEGINNING, now + timedelta(days=1))
        days, close = _days(table), _numbers(table, "Close")
        known = np.isfinite(close)
        dividends, splits = (_numbers(table, name)[known] for name in (_DIVIDENDS, _SPLITS))
        days, close = days[known], close[known]
        before = np.append(np.inf, close[:-1])
        if (dividends >= before).any():
            raise ProviderBadData(_NAME, _FUNCTION, "a dividend is as large as the price before it")
        shares = np.where(splits > 0, splits, 1.0)
        steps = shares / (1.0 - dividends / before)
        return factors_of_days(
            _NAME,
            found.symbol,
            days,
            np.cumprod(steps),
            start=start,
            end=end,
            volume_factor=np.cumprod(shares).astype(np.float64),
        )

    def close(self) -> None:
        """End the worker process."""
        self.asker.close()

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        """Give raw bars; one-minute bars go back a week, other intraday ones sixty days."""
        length = str(asked.timeframe)
        if length not in _INTERVALS:
            offered = f"{', '.join((*_INTERVALS, *LONGER))} ones"
            raise NotSupported(_NAME, f"{length} bars", offered)
        asked = replace(asked, function=_FUNCTION)
        ticker = _ticker(found)
        # Up to now: a split after the span moves the prices in it as well.
        daily = self._table(ticker, "1d", asked.start, asked.now + timedelta(days=1))
        days, splits = _days(daily), _numbers(daily, _SPLITS)
        if not asked.timeframe.is_intraday:
            return _raw(asked, daily, days, _held_later(days, splits))
        table = self._table(ticker, _INTERVALS[length], asked.start, asked.end)
        label = "Datetime" if "Datetime" in table.column_names else "Date"
        moments = moments_of(_NAME, _FUNCTION, column_of(_NAME, _FUNCTION, table, label), "UTC")
        return _raw(asked, table, moments, _held_later(days, splits, at=moments))

    def _table(self, ticker: str, interval: str, start: datetime, end: datetime) -> pa.Table:
        question = Question(
            provider=_NAME,
            vendor=_NAME,
            function=_FUNCTION,
            host="yahoo",
            arguments={
                "ticker": ticker,
                "interval": interval,
                "start": f"{start:%Y-%m-%d}",
                # Its end is left out of the answer.
                "end": f"{end + timedelta(days=1) - timedelta(microseconds=1):%Y-%m-%d}",
                "auto_adjust": False,
                "actions": True,
                "prepost": False,
                "repair": False,
                "keepna": True,
                "timeout": 30,
            },
        )
        return table_of(question, self.asker.ask(question))


def _raw(asked: Asked, table: pa.Table, ts: IntArray, held_later: FloatArray) -> ProvidedBars:
    columns = {
        ours: _to_digits(_to_digits(_numbers(table, theirs)) * held_later)
        for ours, theirs in _PRICES.items()
    }
    columns["volume"] = np.rint(_numbers(table, "Volume") / held_later)
    # A symbol that did not trade has a row of nothing.
    is_there: BoolArray = np.logical_or.reduce([np.isfinite(one) for one in columns.values()])
    present = {name: values[is_there] for name, values in columns.items()}
    return rows_to_bars(asked, ts[is_there], present)


def _ticker(found: Resolution) -> str:
    if found.kind is Kind.OPTION:
        raise NotSupported(_NAME, found.symbol, _OFFERED)
    if found.venue in _US:
        return found.code
    if found.venue in _SUFFIX:
        return found.code + _SUFFIX[found.venue]
    if found.kind is Kind.INDEX and found.code.isdigit():
        return found.code + (".SZ" if found.code.startswith("399") else ".SS")
    if found.kind is Kind.INDEX:
        return _CARETS.get(found.code, f"^{found.code}")
    raise NotSupported(_NAME, found.symbol, _OFFERED)


def _days(table: pa.Table) -> IntArray:
    return days_of(_NAME, _FUNCTION, column_of(_NAME, _FUNCTION, table, "Date"))


def _numbers(table: pa.Table, name: str) -> FloatArray:
    if name in {_DIVIDENDS, _SPLITS} and name not in table.column_names:
        # Left out where there was none, as of an index.
        return np.zeros(table.num_rows)
    values = numbers_of(_NAME, _FUNCTION, column_of(_NAME, _FUNCTION, table, name))
    return np.nan_to_num(values) if name in {_DIVIDENDS, _SPLITS} else values


def _held_later(days: IntArray, splits: FloatArray, at: IntArray | None = None) -> FloatArray:
    """How many of today's shares one share was, at each moment: the splits that came later."""
    shares = np.where(splits > 0, splits, 1.0)
    later = np.append(np.cumprod(shares[::-1])[::-1], 1.0)
    # A split counts from the beginning of its day.
    moments = days if at is None else at
    found: FloatArray = later[np.searchsorted(days, moments, side="right")]
    return found


def _to_digits(values: FloatArray) -> FloatArray:
    size = np.floor(np.log10(np.where(values > 0, values, 1.0)))
    up, down = 10.0 ** np.maximum(_DIGITS - 1 - size, 0), 10.0 ** np.maximum(size - _DIGITS + 1, 0)
    digits: FloatArray = np.rint(values * up / down) * down / up
    return digits
