"""Whether prices and corporate actions of a run fit together, told with its result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log

from quantloom.backtest.feed import Feed
from quantloom.market import Kind

# Raw prices follow the reference price (a slope of 1), adjusted ones do not (0).
_HALF = 0.5
# Nights move a price by about 1 %: with drops of 4 % in all the slope is known to a quarter.
_EVIDENCE = 0.04**2
_A_YEAR = 365
_MARKETS = ("cn_stock", "us_stock")


@dataclass(frozen=True, slots=True)
class ActionUse:
    """What to know of the corporate actions of a run.

    Attributes:
        adjusted: symbols whose prices do not fall on ex-days: they look adjusted already, so that
            dividends and splits count twice.
        missing: shares and funds over a year or more, under the market rules, without any action:
            their dividends are not in the result, and a split would be a loss.
        splits: by symbol when each split or issue of new shares came, as UTC nanoseconds of the
            first bar after it, and how many shares one had become.
    """

    adjusted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    splits: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, feeds: Iterable[Feed], *, is_ruled: bool) -> "ActionUse":
        """Look at the bars of a run."""
        listed = [*feeds]
        return cls(
            tuple(feed.symbol for feed in listed if _looks_adjusted(feed)),
            tuple(feed.symbol for feed in listed if is_ruled and _lacks_actions(feed)),
            {feed.symbol: found for feed in listed if (found := _splits(feed))},
        )


def _splits(feed: Feed) -> tuple[tuple[int, float], ...]:
    return tuple(
        (int(feed.bars.ts[shift.row]), float(shift.quantity))
        for shift in feed.shifts
        if shift.quantity != 1
    )


def _looks_adjusted(feed: Feed) -> bool:
    """Whether opens of ex-days follow the close before more than the reference price."""
    drops = [(row, log(met.factor)) for row, met in feed.ex_days]
    evidence = sum(drop**2 for _, drop in drops)
    if evidence < _EVIDENCE:
        return False
    bars = feed.bars
    moves = (drop * log(bars.open[row] / bars.close[row - 1]) for row, drop in drops)
    return bool(sum(moves) < _HALF * evidence)


def _lacks_actions(feed: Feed) -> bool:
    is_share = feed.instrument.kind in (Kind.STOCK, Kind.FUND)
    is_long = (feed.bars.end - feed.bars.start).days >= _A_YEAR
    return is_share and is_long and not feed.actions and feed.instrument.calendar in _MARKETS
