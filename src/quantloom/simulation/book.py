"""The working orders on one instrument, and what is left of a bar's volume for them."""

import math
from decimal import Decimal

from quantloom.market import Instrument, Kind, exact
from quantloom.simulation.matching import Hit, Moment
from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.simulation.slippage import History
from quantloom.trading import PLAIN, ZERO, DayTerms, OpenLot, Order

# Their volume counts ticks or nothing at all, not what is traded.
_UNCOUNTED = (Kind.FX, Kind.INDEX)


def counts_volume(instrument: Instrument) -> bool:
    """Whether the volume of its bars is of what is traded, so that it may limit an order."""
    return instrument.kind not in _UNCOUNTED


class Book:
    """Orders on one instrument.

    Attributes:
        resting: every order that has not ended, oldest first.
        rise, fall: a bar whose high is under `rise` and whose low is over `fall` concerns no order.
        bar: the one being matched.
        taken, left: what our orders have taken of its volume, and may still; None for no cap.
        inside_lot: the newest lot that was opened inside the bar, not at its open.
        terms: what holds on the bar's day, where that changes.
        minds_makers: whether it costs something else to have rested.
        forced_rise, forced_fall: likewise the prices at which margin may no longer do.
    """

    def __init__(
        self,
        instrument: Instrument,
        participation: Decimal | None,
        history: History | None,
        *,
        minds_makers: bool = False,
    ) -> None:
        self.instrument = instrument
        self.resting: list[Resting] = []
        self.rise = math.inf
        self.fall = -math.inf
        self.bar: OfferedBar | None = None
        self.taken = ZERO
        self.left: Decimal | None = None
        self.inside_lot: OpenLot | None = None
        self.terms: DayTerms | None = None
        self.minds_makers = minds_makers
        self.forced_rise = math.inf
        self.forced_fall = -math.inf
        self._participation = participation
        self._history = history

    def begin(self, bar: OfferedBar) -> None:
        """Take up a bar."""
        self.bar = bar
        self.taken = ZERO
        self.left = self._cap()
        self.inside_lot = None

    def is_locked(self, hit: Hit, bar: OfferedBar) -> bool:
        """Whether a hit is at the day's limit, where nobody sells (or, for a sale, buys).

        Only where the bar opens at the limit and leaves it again does the order get its turn.
        """
        if self.terms is None:
            return False
        half = float(self.instrument.tick_size) / 2
        is_inside = hit.moment > Moment.OPEN_LIMIT
        if hit.resting.is_buy:
            edge = self.terms.up - half
            return hit.met > edge and not (is_inside and bar.open > edge > bar.low)
        edge = self.terms.down + half
        return hit.met < edge and not (is_inside and bar.open < edge < bar.high)

    def within(self, price: Decimal, *, is_buy: bool) -> Decimal:
        """A price that slippage has moved, no further than the day's limit."""
        limit = math.inf if self.terms is None else self.terms.up if is_buy else self.terms.down
        if not math.isfinite(limit):
            return price
        # On the tick as other prices are: 10.50 and not 10.5.
        edge = self.instrument.round_nearest(limit)
        return min(price, edge) if is_buy else max(price, edge)

    def least(self, order: Order) -> Decimal:
        """The least that an order must fill: a lot, and what the venue asks of its first fill."""
        grid = None if self.terms is None else self.terms.grid
        if grid is None or grid.minimum is None or order.filled:
            return self.instrument.lot
        return max(grid.minimum, self.instrument.lot)

    @property
    def is_watched(self) -> bool:
        """Whether a price may close a position on it by force."""
        return self.forced_rise != math.inf or self.forced_fall != -math.inf

    @property
    def has_working(self) -> bool:
        """Whether an order has not ended yet."""
        return any(not one.order.is_ended for one in self.resting)

    def take(self, quantity: Decimal) -> None:
        """Note what an order has filled of the bar's volume."""
        self.taken += quantity
        if self.left is not None:
            self.left -= quantity

    def tidy(self) -> None:
        """Forget what has ended, and find the prices at which the next bar matters."""
        self.resting[:] = [one for one in self.resting if not one.order.is_ended]
        self.watch()

    def add(self, one: Resting) -> None:
        """Take in an order."""
        self.resting.append(one)
        self._mind(one)

    def watch(self) -> None:
        """Find the prices at which the next bar matters."""
        self.rise, self.fall = self.forced_rise, self.forced_fall
        for one in self.resting:
            self._mind(one)

    def _mind(self, one: Resting) -> None:
        rise, fall = _alarm(one)
        if self.minds_makers and one.is_unseen_limit:
            # The bar that it arrives at tells whether it takes or rests.
            rise, fall = -math.inf, math.inf
        self.rise, self.fall = min(self.rise, rise), max(self.fall, fall)

    @property
    def volume(self) -> float:
        """Volume of the bar being matched; NaN where unknown."""
        return math.nan if self.bar is None else self.bar.volume

    def deviation(self, window: int) -> float:
        return math.nan if self._history is None else self._history.deviation(window)

    def mean_volume(self, window: int) -> float:
        return math.nan if self._history is None else self._history.mean_volume(window)

    def _cap(self) -> Decimal | None:
        volume = self.volume
        if self._participation is None or math.isnan(volume):
            return None
        return self.instrument.whole_lots(self._participation * exact(volume))


def _alarm(one: Resting) -> tuple[float, float]:
    """From which high on, and to which low down, a bar concerns an order."""
    order = one.order
    if order.is_held and order.entry is not None and one.cancel_wait is None:
        return math.inf, -math.inf
    every_bar = (
        order.is_market
        or one.wait
        or one.cancel_wait is not None
        or order.ticket.terms is not PLAIN
        or one.is_trailing
    )
    if every_bar:
        return -math.inf, math.inf
    if one.is_stop or one.waits_for_stop:
        return (one.stop, -math.inf) if one.is_buy else (math.inf, one.stop)
    return (math.inf, one.limit) if one.is_buy else (one.limit, -math.inf)
