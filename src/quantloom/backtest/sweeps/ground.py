"""What all sets of a sweep share, as the kernels read it: bars, fill prices, costs and days."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.ready import with_warm_up
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.sweeps.kernels.prices import are_on_tick, slip
from quantloom.backtest.sweeps.kernels.tables import Bars as BarColumns
from quantloom.backtest.sweeps.kernels.tables import Market, Rates, Terms
from quantloom.kit import FloatArray, IntArray, freeze, to_ns
from quantloom.market import Bars, EmptyRange, Instrument, get_calendar
from quantloom.performance import block_bounds
from quantloom.simulation import Slippage
from quantloom.strategy import EquityShare, FixedSize

_NEAR = 1e-9
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The run without its parameters.

    Attributes:
        seen: the bars, those of a warm-up before the run's start too.
        columns, market, terms: what the kernels read of them and of the run's settings.
        periods: trading days of a year.
    """

    spec: BacktestSpec
    seen: Bars
    columns: BarColumns
    market: Market
    terms: Terms
    periods: int

    @classmethod
    def of(cls, prepared: Prepared, warm_up: int = 0) -> "Ground":
        """Lay the ground of a run that `why_not` has nothing against.

        Raises:
            EmptyRange: no bars in the span, or none after the warm-up.
        """
        spec, (bars,) = prepared.spec, prepared.bars.values()
        seen = with_warm_up(bars, spec, warm_up)
        feed = Feed(spec.instrument, seen)
        first = _first(seen, spec, warm_up)
        return cls(
            spec=spec,
            seen=seen,
            columns=BarColumns(seen.high, seen.low, seen.close),
            market=_market(feed, spec, first),
            terms=_terms(spec),
            periods=get_calendar(spec.instrument.calendar).periods_per_year,
        )

    @property
    def cash(self) -> float:
        """Initial cash."""
        return float(self.spec.cash)

    @property
    def count(self) -> int:
        """How many bars are seen."""
        return len(self.seen)

    @property
    def days(self) -> int:
        """How many trading days the run has."""
        return len(self.market.ends) - 1


def _first(seen: Bars, spec: BacktestSpec, warm_up: int) -> int:
    """The row of the first bar after the warm-up that is not before the run's start."""
    started = 0 if spec.start is None else int(np.searchsorted(seen.ts, to_ns(spec.start)))
    first = max(warm_up, started if warm_up else 0)
    if first >= len(seen):
        raise EmptyRange(seen.symbol, seen.end, None)
    return first


def _market(feed: Feed, spec: BacktestSpec, first: int) -> Market:
    opens = feed.bars.open
    buy, sell = _slipped(opens, spec)
    ends = _ends(feed.day_numbers)
    ends = ends[ends >= first]
    return Market(
        high=feed.bars.high,
        low=feed.bars.low,
        close=feed.bars.close,
        buy=freeze(buy),
        sell=freeze(sell),
        open=opens,
        most=freeze(_most(feed, spec)),
        ends=freeze(np.append(ends, _NEVER)),
        blocks=freeze(block_bounds(len(ends))),
        first=first,
    )


def _ends(days: IntArray) -> IntArray:
    """The last row of each day."""
    return np.append(np.flatnonzero(days[1:] != days[:-1]), len(days) - 1)


def _grid(spec: BacktestSpec) -> tuple[float, float, float, float]:
    """The tick as a fraction, and slippage in ticks and as a share of the price."""
    top, bottom = spec.instrument.tick_size.as_integer_ratio()
    slippage = spec.slippage
    assert isinstance(slippage, Slippage)  # noqa: S101  `why_not` has seen to it
    return float(top), float(bottom), float(slippage.ticks), float(slippage.ratio)


def _slipped(opens: FloatArray, spec: BacktestSpec) -> tuple[FloatArray, FloatArray]:
    """What purchases and sales meet at each open, on the tick against the trader."""
    top, bottom, ticks, ratio = _grid(spec)
    if not ticks and not ratio and are_on_tick(opens, top, bottom):
        return opens, opens
    met = np.empty(2 * len(opens))
    slip(opens, top, bottom, ticks, ratio, met)
    return met[: len(opens)], met[len(opens) :]


def _most(feed: Feed, spec: BacktestSpec) -> FloatArray:
    """Lots that each bar fills at most; of length 0 where any number."""
    if not feed.has_volume:
        return np.empty(0)
    volume = feed.bars.volume
    if spec.participation is None:
        if volume.min() > 0:
            return np.empty(0)
        return np.where(volume == 0, 0.0, np.inf)
    share = float(spec.participation / spec.instrument.lot)
    found: FloatArray = np.floor(volume * share + _NEAR)
    return np.where(np.isnan(volume), np.inf, found)


def _terms(spec: BacktestSpec) -> Terms:
    instrument, commission, sizing = spec.instrument, spec.commission, spec.sizing
    is_share = isinstance(sizing, EquityShare)
    size = sizing.weight if isinstance(sizing, EquityShare) else _lots(sizing, instrument)
    buys = commission.buy_tax + commission.transfer, Decimal(0)
    sells = commission.sell_tax + commission.transfer, commission.sell_levy
    opening, closing = commission.open, commission.close
    top, bottom, ticks, ratio = _grid(spec)
    return Terms(
        unit=float(instrument.lot * instrument.multiplier),
        buy_opens=_rates(opening.by_money, opening.by_unit, buys, instrument),
        buy_closes=_rates(closing.by_money, closing.by_unit, buys, instrument),
        sell_opens=_rates(opening.by_money, opening.by_unit, sells, instrument),
        sell_closes=_rates(closing.by_money, closing.by_unit, sells, instrument),
        minimum=float(commission.minimum),
        long_margin=float(spec.margin.long),
        short_margin=float(spec.margin.short),
        can_short=instrument.can_short,
        is_margined=instrument.is_margined,
        is_share=is_share,
        size=float(size),
        turns=0,
        top=top,
        bottom=bottom,
        slip_ticks=ticks,
        slip_ratio=ratio,
    )


def _lots(sizing: object, instrument: Instrument) -> Decimal:
    return sizing.size / instrument.lot if isinstance(sizing, FixedSize) else Decimal(0)


def _rates(
    by_money: Decimal, by_unit: Decimal, taxes: tuple[Decimal, Decimal], instrument: Instrument
) -> Rates:
    tax, levy = taxes
    return Rates(
        money=float(by_money),
        lot=float(by_unit * instrument.lot),
        tax_money=float(tax),
        tax_lot=float(levy * instrument.lot),
    )
