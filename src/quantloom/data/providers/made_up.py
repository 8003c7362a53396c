"""A provider of made-up bars: regimes, jumps and gaps, the same on every machine for one seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zlib import crc32

import numpy as np

from quantloom.data.providers.checking import Asked, calendar_of, rows_to_bars
from quantloom.data.providers.errors import NotSupported
from quantloom.data.providers.offering import LONGER, Offering
from quantloom.data.providers.provider import Abilities, Listed, ProvidedBars
from quantloom.data.synthetic import random_walk
from quantloom.kit import BoolArray, Clock, FloatArray, IntArray, SystemClock, to_ns
from quantloom.market import Calendar, Factors, Resolution, Timeframe, resolve

_NAME = "synthetic"
# Every series begins here, so that a later question continues it instead of starting anew.
_FIRST_DAY = date(2000, 1, 3)
_FIRST_INTRADAY = date(2023, 1, 2)
_PIECE = 4_096
_SECONDS_OF_SESSIONS = 4 * 3_600
# Quiet, lively and stormy: what a step is multiplied by. One of them holds for so many bars.
_REGIMES = np.array([0.5, 1.0, 3.0])
_REGIME_BARS = 250
_DAILY_VOLATILITY = 0.012
_YEAR = 250
_SPLIT_EVERY = 6 * _YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """How made-up markets behave; every number is for one bar.

    Attributes:
        jump_chance: of a price that leaps by `jump` or falls by it.
        gap_chance: of a bar that is missing. Chances are exact to one in 65,536.
        splits: whether shares are split two for one every six years, which `adj_factors` undoes.
    """

    seed: int = 1
    jump_chance: float = 0.002
    jump: float = 0.06
    gap_chance: float = 0.001
    splits: bool = False


class SyntheticProvider(Offering):
    """Makes up bars of any symbol, on the days and hours of its own calendar.

    A bar depends on the seed, the symbol and its time alone: asked in one piece or in many, today
    or in a year, it is the same.
    """

    name = _NAME
    abilities = Abilities(lists=True, adjusts=True, has_calendar=True)

    def __init__(self, made_up: MadeUp | None = None, clock: Clock | None = None) -> None:
        self.made_up = made_up or MadeUp()
        self.clock = clock or SystemClock()

    def list_instruments(self) -> tuple[Listed, ...]:
        """List a few examples; any other symbol works as well."""
        symbols = ("600519.SSE", "AAPL.US", "BTC-USDT.BINANCE", "rb2510.SHFE")
        return tuple(
            Listed(symbol=name, name=f"made-up {name}", kind=resolve(name).kind)
            for name in sorted(symbols)
        )

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        """Give the factors of the splits that were made up."""
        days = calendar_of(symbol).trading_days(_FIRST_DAY, end)
        splits = range(0, len(days), _SPLIT_EVERY) if self.made_up.splits else range(1)
        known = [(days[row], 2.0**count) for count, row in enumerate(splits) if row < len(days)]
        return factors_between(symbol, known, start)

    def calendar(self, venue: str, start: date, end: date) -> tuple[date, ...]:
        """List the trading days of a venue by its packaged calendar."""
        samples = {"SSE": "600000.SSE", "SZSE": "000001.SZSE", "BSE": "430047.BSE"}
        samples |= {"CFFEX": "IF-MAIN.CFFEX", "SHFE": "rb-MAIN.SHFE", "US": "AAPL.US"}
        symbol = samples.get(venue, f"BTC-USDT.{venue}")
        return tuple(calendar_of(symbol).trading_days(start, end))

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        """Make up the bars with start <= open time < end that are over."""
        length = asked.timeframe
        if length.unit in "wM" or (length.unit == "d" and length.count > 1):
            offered = f"any timeframe up to 1d, and {' and '.join(LONGER)}"
            raise NotSupported(self.name, f"{length} bars", offered)
        ts, day = _times(calendar_of(found.symbol), length, min(asked.end, asked.now))
        columns = self._columns(found.symbol, length, len(ts))
        if self.made_up.splits:
            held = np.exp2((day // _SPLIT_EVERY).astype(np.float64))
            columns = {name: _held(name, values, held) for name, values in columns.items()}
        kept = ~_draws(found.symbol, "gap", self.made_up.seed, len(ts), self.made_up.gap_chance)
        made = {name: one[kept] for name, one in columns.items()}
        return rows_to_bars(replace(asked, function="bars"), ts[kept], made)

    def _columns(self, symbol: str, length: Timeframe, n: int) -> dict[str, FloatArray]:
        """Stretch a random walk by its regime and let it jump."""
        share = min(length.seconds / _SECONDS_OF_SESSIONS, 1.0)
        walk = _walk(symbol, self.made_up.seed, n, _DAILY_VOLATILITY * share**0.5)
        stretch = _stretch(symbol, self.made_up.seed, n)
        leaps = _draws(symbol, "leap", self.made_up.seed, n, self.made_up.jump_chance / 2)
        falls = _draws(symbol, "fall", self.made_up.seed, n, self.made_up.jump_chance / 2)
        step = 1.0 + (walk["step"] - 1.0) * stretch
        step *= np.where(leaps, 1.0 + self.made_up.jump, 1.0)
        step *= np.where(falls, 1.0 - self.made_up.jump, 1.0)
        level = np.maximum(100.0 * np.cumprod(step), 1.0)
        made = {
            name: np.round(level * (1.0 + (walk[name] - 1.0) * stretch), 2)
            for name in ("open", "high", "low")
        } | {"close": np.round(level, 2)}
        made["high"] = np.maximum.reduce([made["open"], made["high"], made["close"]])
        made["low"] = np.minimum.reduce([made["open"], made["low"], made["close"]])
        return made | {"volume": walk["volume"] * 100.0}


def _held(name: str, values: FloatArray, held: FloatArray) -> FloatArray:
    """State a column in shares of the day, when one of the beginning has become so many."""
    if name == "volume":
        return values * held
    return np.maximum(np.round(values / held, 2), 0.01)


def _walk(symbol: str, seed: int, n: int, volatility: float) -> dict[str, FloatArray]:
    """A random walk of pieces that do not know how many there are: steps, and ratios to closes."""
    pieces = [
        random_walk(_PIECE, _seed_of(symbol, f"walk {count}", seed), volatility=volatility)
        for count in range(-(-n // _PIECE))
    ]
    parts: dict[str, list[FloatArray]] = {
        name: [getattr(piece, name) / piece.close for piece in pieces]
        for name in ("open", "high", "low")
    }
    before = [np.concatenate([[100.0], piece.close[:-1]]) for piece in pieces]
    parts["step"] = [piece.close / last for piece, last in zip(pieces, before, strict=True)]
    parts["volume"] = [piece.volume for piece in pieces]
    return {name: np.concatenate([*found, np.empty(0)])[:n] for name, found in parts.items()}


def _stretch(symbol: str, seed: int, n: int) -> FloatArray:
    words = np.random.PCG64(_seed_of(symbol, "regime", seed)).random_raw(n // _REGIME_BARS + 1)
    size = _REGIMES[(words % np.uint64(len(_REGIMES))).astype(np.int64)]
    stretched: FloatArray = np.repeat(size, _REGIME_BARS)[:n]
    return stretched


def factors_between(symbol: str, known: Sequence[tuple[date, float]], start: date) -> Factors:
    """Cut (first day, factor) rows to those in force from `start` on."""
    days = np.array([day for day, _ in known], dtype="datetime64[D]")
    first = max(int(np.searchsorted(days, np.datetime64(start), side="right")) - 1, 0)
    values = np.array([factor for _, factor in known], dtype=np.float64)
    return Factors(symbol=symbol, day=days[first:], factor=values[first:])


def _times(calendar: Calendar, length: Timeframe, end: datetime) -> tuple[IntArray, IntArray]:
    """Open times of all bars up to a moment, and how many trading days came before each."""
    last = end + timedelta(days=1)
    first = _FIRST_INTRADAY if length.is_intraday else _FIRST_DAY
    days = calendar.trading_days(first, last.date())
    if not length.is_intraday:
        ts = np.array(days, dtype="datetime64[ns]").astype(np.int64)
        return ts, np.arange(len(ts))
    starts, rows = [], []
    for row, day in enumerate(days):
        for session in calendar.sessions(day):
            opens = np.arange(to_ns(session.open), to_ns(session.close), length.ns)
            starts.append(opens)
            rows.append(np.full(len(opens), row))
    return np.concatenate(starts), np.concatenate(rows)


def _seed_of(symbol: str, part: str, seed: int) -> int:
    return crc32(f"{symbol}|{part}|{seed}".encode())


def _draws(symbol: str, part: str, seed: int, n: int, chance: float) -> BoolArray:
    """Which of n bars a rare thing happens to; raw words, so that every machine draws the same."""
    words = np.random.PCG64(_seed_of(symbol, part, seed)).random_raw(n)
    drawn: BoolArray = (words & np.uint64(0xFFFF)) < np.uint64(round(chance * 65_536))
    return drawn
