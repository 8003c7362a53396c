"""The terms of an order beyond side and quantity: how long, how far, under which condition."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from quantloom.errors import Invalid
from quantloom.kit import to_ns
from quantloom.market import Instrument, Number, exact

ZERO = Decimal(0)
_PERCENT = Decimal("0.01")


class TimeInForce(StrEnum):
    """How long an order waits.

    DAY ends with its trading day, GTD at a time, GTC never. IOC takes what the next open gives and
    FOK all or nothing of it. OPEN and CLOSE take part in the day's next open or close alone.
    """

    GTC = "GTC"
    DAY = "DAY"
    GTD = "GTD"
    IOC = "IOC"
    FOK = "FOK"
    OPEN = "OPEN"
    CLOSE = "CLOSE"


FOR_A_DAY = (TimeInForce.DAY, TimeInForce.OPEN, TimeInForce.CLOSE)
"""What has to know where trading days begin and end."""


class Offset(StrEnum):
    """Which lots an order may close: all (auto, close), of today, of earlier days, none (open)."""

    AUTO = "auto"
    OPEN = "open"
    CLOSE = "close"
    CLOSE_TODAY = "close_today"
    CLOSE_YESTERDAY = "close_yesterday"

    @property
    def only_closes(self) -> bool:
        return self is not Offset.AUTO and self is not Offset.OPEN


class BadDistance(Invalid):
    """A distance that is not above zero."""

    code = "order.bad_distance"

    def __init__(self, value: Decimal) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return f"a distance of {self.value} is none; it must be above zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far one price lies from another: whole ticks, a share of the price, points of it."""

    ticks: Decimal = ZERO
    ratio: Decimal = ZERO
    points: Decimal = ZERO

    def __post_init__(self) -> None:
        total = self.ticks + self.ratio + self.points
        if not total > 0:
            raise BadDistance(total)

    def below(self, price: Decimal, instrument: Instrument) -> Decimal:
        """The price that far under another, snapped down to the tick."""
        return instrument.round_down(price - self._from(price, instrument))

    def above(self, price: Decimal, instrument: Instrument) -> Decimal:
        """The price that far over another, snapped up to the tick."""
        return instrument.round_up(price + self._from(price, instrument))

    def _from(self, price: Decimal, instrument: Instrument) -> Decimal:
        return self.ticks * instrument.tick_size + self.ratio * price + self.points


@dataclass(frozen=True, slots=True)
class AtrDistance:
    """A multiple of the average true range; the sender knows how much that is."""

    multiple: Decimal
    period: int


@dataclass(frozen=True, slots=True)
class Trailing:
    """Marks the stop of a bracket as a trailing one."""

    distance: Distance | AtrDistance


def ticks(count: Number) -> Distance:
    """So many ticks away."""
    return Distance(ticks=exact(count))


def percent(value: Number) -> Distance:
    """So many percent of the price away: `percent(2)` of 50 is 1."""
    return Distance(ratio=exact(value) * _PERCENT)


def points(value: Number) -> Distance:
    """So much in price away."""
    return Distance(points=exact(value))


def atr(multiple: Number, period: int = 14) -> AtrDistance:
    """So many average true ranges away, as they are when the order is sent.

    Raises:
        BadDistance: the multiple or the period is not above zero.
    """
    distance = AtrDistance(exact(multiple), period)
    for value in (distance.multiple, Decimal(period)):
        if not value > 0:
            raise BadDistance(value)
    return distance


def trailing(distance: Distance | AtrDistance) -> Trailing:
    """A `stop_loss` that follows the price at this distance."""
    return Trailing(distance)


@dataclass(frozen=True, slots=True)
class PriceCondition:
    """Met by a bar whose high (low) touches the level; the order's own symbol if none is named."""

    level: float
    is_above: bool
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class TimeCondition:
    """Met when a bar opens at or after a time."""

    at_ns: int


Condition = PriceCondition | TimeCondition


def above(price: Number, symbol: str | None = None) -> PriceCondition:
    """Hold the order back until a bar has traded at or over a price."""
    return PriceCondition(float(exact(price)), is_above=True, symbol=symbol)


def below(price: Number, symbol: str | None = None) -> PriceCondition:
    """Hold the order back until a bar has traded at or under a price."""
    return PriceCondition(float(exact(price)), is_above=False, symbol=symbol)


def at(moment: datetime) -> TimeCondition:
    """Hold the order back until a time.

    Raises:
        NaiveTime: the time has no zone.
    """
    return TimeCondition(to_ns(moment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What most orders leave as it is."""

    tif: TimeInForce = TimeInForce.GTC
    until_ns: int | None = None
    condition: Condition | None = None
    is_post_only: bool = False
    offset: Offset = Offset.AUTO


PLAIN = Terms()
