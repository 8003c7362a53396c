"""How much worse than the market's own price a market or stop order fills."""

from dataclasses import dataclass
from decimal import Decimal

from quantloom.errors import Invalid
from quantloom.market import Instrument, Number, exact
from quantloom.trading import ZERO, Side


class BadSlippage(Invalid):
    """Slippage below zero would be a gift."""

    code = "costs.bad_slippage"

    def __init__(self, value: Decimal) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return f"slippage is {self.value}; it is at or above zero, and always against the trader"


@dataclass(frozen=True, slots=True)
class Slippage:
    """A distance in ticks plus a share of the price (0.0001 is one basis point)."""

    ticks: Decimal = ZERO
    ratio: Decimal = ZERO

    def __post_init__(self) -> None:
        for field in ("ticks", "ratio"):
            value = exact(getattr(self, field))
            object.__setattr__(self, field, value)
            if value < 0:
                raise BadSlippage(value)

    @classmethod
    def of(cls, *, ticks: Number = 0, ratio: Number = 0) -> "Slippage":
        return cls(exact(ticks), exact(ratio))

    @property
    def is_none(self) -> bool:
        return not self.ticks and not self.ratio

    def worsen(self, price: Decimal, side: Side, instrument: Instrument) -> Decimal:
        """Move a price against the trader, then snap it to the tick, against the trader again."""
        distance = ZERO if self.is_none else self._distance(price, instrument)
        if side is Side.BUY:
            return instrument.round_up(price + distance)
        # A sale below the first tick would be at or under zero.
        return max(instrument.round_down(price - distance), instrument.tick_size)

    def _distance(self, price: Decimal, instrument: Instrument) -> Decimal:
        return self.ticks * instrument.tick_size + self.ratio * price
