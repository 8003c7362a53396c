"""How much worse than the market's own price a market or stop order fills."""

import math
from dataclasses import dataclass
from decimal import ROUND_UP, Context, Decimal
from typing import Protocol

from quantloom.errors import Invalid
from quantloom.market import Instrument, Number, exact
from quantloom.trading import ZERO, Side

# A share of the volume may have no end; what is rounded up here is snapped further still.
_ROUNDED_UP = Context(prec=60, rounding=ROUND_UP)


class BadSlippage(Invalid):
    """Slippage below zero would be a gift."""

    code = "costs.bad_slippage"

    def __init__(self, value: Decimal) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return f"slippage is {self.value}; it is at or above zero, and always against the trader"


def _read(record: object, *fields: str) -> None:
    for field in fields:
        value = exact(getattr(record, field))
        object.__setattr__(record, field, value)
        if value < 0:
            raise BadSlippage(value)


class History(Protocol):
    """What is known of an instrument before a bar; NaN where unknown."""

    def deviation(self, window: int) -> float:
        """Of the log returns between the last `window` closes before the bar, as a sample."""
        ...

    def mean_volume(self, window: int) -> float:
        """Of the same bars."""
        ...


class Liquidity(History, Protocol):
    """What an impact is reckoned from, as it is when an order fills; NaN where unknown."""

    @property
    def volume(self) -> float:
        """Of the bar that fills."""
        ...

    @property
    def taken(self) -> Decimal:
        """What our own orders have filled of it before."""
        ...


class SlippageModel(Protocol):
    """How far against the trader a price moves, before it is snapped to the tick."""

    def distance(
        self, price: Decimal, quantity: Decimal, instrument: Instrument, liquidity: Liquidity
    ) -> Decimal:
        """At or above zero, in price."""
        ...


@dataclass(frozen=True, slots=True)
class Slippage:
    """A distance in ticks plus a share of the price (0.0001 is one basis point)."""

    ticks: Decimal = ZERO
    ratio: Decimal = ZERO

    def __post_init__(self) -> None:
        _read(self, "ticks", "ratio")

    @classmethod
    def of(cls, *, ticks: Number = 0, ratio: Number = 0) -> "Slippage":
        return cls(exact(ticks), exact(ratio))

    def distance(
        self,
        price: Decimal,
        quantity: Decimal,  # noqa: ARG002  the protocol's
        instrument: Instrument,
        liquidity: Liquidity,  # noqa: ARG002
    ) -> Decimal:
        if not self.ticks and not self.ratio:
            return ZERO
        return self.ticks * instrument.tick_size + self.ratio * price


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeShareSlippage:
    """The price times `impact` times the squared share of the bar's volume that we took.

    Args:
        impact: the share of the price lost by who takes all of a bar.
        base: what is lost besides, however small the order: half the spread.
    Source:
        Zipline's VolumeShareSlippage, whose impact is 0.1 as well.
    """

    impact: Decimal = Decimal("0.1")
    base: Slippage = Slippage()

    def __post_init__(self) -> None:
        _read(self, "impact")

    def distance(
        self, price: Decimal, quantity: Decimal, instrument: Instrument, liquidity: Liquidity
    ) -> Decimal:
        base = self.base.distance(price, quantity, instrument, liquidity)
        if not liquidity.volume > 0:
            return base
        taken, volume = liquidity.taken + quantity, exact(liquidity.volume)
        lost = self.impact * price * taken * taken
        return base + _ROUNDED_UP.divide(lost, volume * volume)


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareRootImpact:
    """The price times `coefficient` times the deviation times the root of the share of volume.

    Args:
        coefficient: of the order of 1 in most studies.
        window: closes before the bar from which deviation and mean volume are taken.
        base: what is lost besides, however small the order: half the spread.
    Source:
        Grinold and Kahn, Active Portfolio Management, chapter 16; Toth et al. 2011.
    """

    coefficient: Decimal = Decimal(1)
    window: int = 20
    base: Slippage = Slippage()

    def __post_init__(self) -> None:
        _read(self, "coefficient")
        if self.window < 3:
            raise BadSlippage(Decimal(self.window))

    def distance(
        self, price: Decimal, quantity: Decimal, instrument: Instrument, liquidity: Liquidity
    ) -> Decimal:
        base = self.base.distance(price, quantity, instrument, liquidity)
        usual, deviation = liquidity.mean_volume(self.window), liquidity.deviation(self.window)
        if not usual > 0 or math.isnan(deviation):
            return base
        ratio = deviation * math.sqrt(float(quantity) / usual)
        return base + self.coefficient * exact(ratio) * price


AnySlippage = Slippage | VolumeShareSlippage | SquareRootImpact


def worsen(price: Decimal, distance: Decimal, side: Side, instrument: Instrument) -> Decimal:
    """Move a price against the trader, then snap it to the tick, against the trader again."""
    if side is Side.BUY:
        return instrument.round_up(price + distance)
    # A sale below the first tick would be at or under zero.
    return max(instrument.round_down(price - distance), instrument.tick_size)
