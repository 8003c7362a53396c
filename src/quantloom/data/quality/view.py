"""Bars as the checks look at them: with what they are of, their days, steps and volatility."""

from collections.abc import Iterator
from functools import cached_property
from typing import cast

import numpy as np

from quantloom.data.quality.report import Example, Fact, Finding
from quantloom.data.quality.scales import local_scale, middle
from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray, from_ns
from quantloom.market import (
    Bars,
    Calendar,
    Instrument,
    Kind,
    UnknownCalendar,
    assume_instrument,
    get_calendar,
    trading_days_of,
    venues,
)
from quantloom.market.bars import FIELDS, PRICES

EXAMPLES = 5
"""How many cases a finding shows."""

MOMENTS = 300
"""How many of them a picture marks."""

_CRYPTO = (Kind.SPOT, Kind.PERPETUAL, Kind.INVERSE)
_CHAIN = "-MAIN"


# Not slotted: everything is worked out when a check first asks for it.
class View:
    """Bars in order of time, each of them possible, and what is known of them.

    Attributes:
        bars: at least one.
        rows: rows that checks have found so far, by check.
    """

    def __init__(
        self, bars: Bars, instrument: Instrument | None = None, calendar: Calendar | None = None
    ) -> None:
        self.bars = bars
        self.rows: dict[str, IntArray] = {}
        self._instrument, self._calendar = instrument, calendar

    @cached_property
    def instrument(self) -> Instrument:
        return self._instrument or assume_instrument(self.bars)

    @cached_property
    def calendar(self) -> Calendar:
        if self._calendar is not None:
            return self._calendar
        try:
            return get_calendar(self.instrument.calendar)
        except UnknownCalendar:
            return get_calendar("24x7")

    @cached_property
    def venue(self) -> str:
        return self.bars.symbol.rpartition(".")[2]

    @property
    def is_crypto(self) -> bool:
        return self.instrument.kind in _CRYPTO

    @property
    def is_chain(self) -> bool:
        """Whether it is the dominant chain of a product, contract after contract."""
        return self.bars.symbol.rpartition(".")[0].endswith(_CHAIN)

    @property
    def is_cn_future(self) -> bool:
        return self.venue in venues.CN_FUTURES and not self._is_option

    @property
    def is_cn_stock(self) -> bool:
        return self.venue in venues.CN_STOCK and not self._is_option

    @property
    def _is_option(self) -> bool:
        return self.instrument.kind is Kind.OPTION

    @property
    def is_share(self) -> bool:
        """Whether companies split it: a stock or a fund, also of a venue that is not known."""
        return self.instrument.kind in (Kind.STOCK, Kind.FUND)

    @cached_property
    def days(self) -> DayArray:
        """The trading day of each bar."""
        return trading_days_of(self.bars, self.calendar)

    @cached_property
    def day_rows(self) -> IntArray:
        """The first row of each trading day."""
        return np.flatnonzero(np.append(True, self.days[1:] != self.days[:-1]))

    @cached_property
    def returns(self) -> FloatArray:
        """(n - 1,) logarithmic returns from close to close."""
        return np.diff(self.log_close)

    @cached_property
    def log_close(self) -> FloatArray:
        return cast("FloatArray", np.log(self.bars.close))

    @cached_property
    def is_across(self) -> BoolArray:
        """(n - 1,) which steps lead over a pause or a gap; none of daily bars does."""
        if not self.bars.timeframe.is_intraday:
            return np.zeros(len(self.bars) - 1, dtype=np.bool_)
        return np.diff(self.bars.ts) > self.bars.timeframe.ns

    @cached_property
    def scale(self) -> FloatArray:
        """(n - 1,) the local volatility of each step, over pauses apart from within sessions."""
        found, across = np.empty(len(self.returns)), self.is_across
        for is_of_kind in (across, ~across):
            if is_of_kind.any():
                found[is_of_kind] = local_scale(self.returns[is_of_kind])
        if across.any() and not across.all():
            # A pause is no calmer than the sessions around it; few of them tell little.
            usual = float(middle(found[~across]))
            found[across] = np.maximum(found[across], usual)
        return np.maximum(found, self.least_scale)

    @property
    def least_scale(self) -> FloatArray:
        """(n - 1,) a tick: a price that seldom moves has no volatility, yet moves by one."""
        return float(self.instrument.tick_size) / self.bars.close[1:]

    @cached_property
    def wicks(self) -> tuple[FloatArray, FloatArray]:
        """(n,) how far highs and lows are from what their own and their neighbours' bodies reach.

        Neighbours' highs would hide a wick that two bars share; their bodies do not.
        """
        bars = self.bars
        tops, floors = np.maximum(bars.open, bars.close), np.minimum(bars.open, bars.close)
        up = np.log(bars.high / _around(tops, np.maximum))
        down = np.log(_around(floors, np.minimum) / bars.low)
        return np.maximum(up, 0.0), np.maximum(down, 0.0)

    @cached_property
    def wick_scales(self) -> tuple[FloatArray, FloatArray]:
        """(n,) how far they usually are."""
        up, down = self.wicks
        return local_scale(up), local_scale(down)

    def examples(self, rows: IntArray, *names: str) -> tuple[Example, ...]:
        """The first few of some rows, with the columns that were looked at."""
        columns = [
            (name, getattr(self.bars, name) if name in FIELDS else self.bars.extras[name])
            for name in names or PRICES
        ]
        return tuple(
            Example(
                time=from_ns(int(self.bars.ts[row])),
                values={name: float(column[row]) for name, column in columns},
            )
            for row in rows[:EXAMPLES].tolist()
        )

    def found(
        self, check: str, rows: IntArray, *, names: tuple[str, ...] = (), **facts: Fact
    ) -> Iterator[Finding]:
        """A finding about some rows; nothing where there are none."""
        if len(rows):
            self.rows[check] = rows
            yield Finding(
                check=check,
                count=len(rows),
                of=len(self.bars),
                facts=facts,
                examples=self.examples(rows, *names),
                moments=self.moments(rows),
            )

    def moments(self, rows: IntArray) -> tuple[int, ...]:
        """When some rows are, a few hundred of them at even distances."""
        every = -(-len(rows) // MOMENTS) or 1
        return tuple(self.bars.ts[rows[::every]].tolist())


def _around(values: FloatArray, pick: np.ufunc) -> FloatArray:
    found = values.copy()
    found[1:] = pick(found[1:], values[:-1])
    found[:-1] = pick(found[:-1], values[1:])
    return found
