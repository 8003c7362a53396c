"""What can be traded, and the grid its prices and quantities lie on."""

import math
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from enum import StrEnum

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import FloatArray
from quantloom.market.values import EXACT, NotANumber, Number, Price, Quantity, exact

_MAX_DECIMALS = 8


class Kind(StrEnum):
    """What an instrument is; it decides how a position is paid for.

    An inverse one is a perpetual swap that is quoted in money and settled in coin. An option is
    paid for in full, as a share is; it is neither exercised nor settled at its expiry.
    """

    STOCK = "stock"
    FUND = "fund"
    BOND = "bond"
    INDEX = "index"
    FUTURE = "future"
    OPTION = "option"
    SPOT = "spot"
    PERPETUAL = "perpetual"
    INVERSE = "inverse"
    FX = "fx"


# A tuple compares members by identity; a set would hash them, five times as slow per fill.
_MARGINED = (Kind.FUTURE, Kind.PERPETUAL, Kind.INVERSE)
_SWAPS = (Kind.PERPETUAL, Kind.INVERSE)


class BadInstrument(Invalid):
    """An instrument whose tick, lot or multiplier is not above zero."""

    code = "market.bad_instrument"

    def __init__(self, symbol: str, field: str, value: Decimal) -> None:
        super().__init__(symbol, field, value)
        self.symbol, self.field, self.value = symbol, field, value

    def __str__(self) -> str:
        return f"{self.symbol}: {self.field} is {self.value}; it must be above zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tradable thing: its grid, its currency and what a position in it costs.

    Args:
        symbol: canonical spelling, `code.VENUE`.
        kind: stock, fund, bond, index, future, option, spot, perpetual, inverse or fx.
        tick_size: distance between two order prices, in `currency`.
        lot: distance between two order quantities: shares, contracts or coins.
        multiplier: value of one unit at a price of 1, in `currency`; of an inverse swap the money
            of the quote that one contract is worth, in which `currency` is not.
        currency: three or four letters, such as CNY, USD or USDT.
        calendar: name of its trading calendar, `quantloom.market.get_calendar`.
        can_short: whether a position may go below zero.
        source: where the values come from; `default` where they were assumed.
    """

    symbol: str
    kind: Kind
    tick_size: Decimal
    lot: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    calendar: str = "24x7"
    can_short: bool = True
    source: str = "default"

    def __post_init__(self) -> None:
        for field in ("tick_size", "lot", "multiplier"):
            value = exact(getattr(self, field))
            object.__setattr__(self, field, value)
            if not value > 0:
                raise BadInstrument(self.symbol, field, value)

    @property
    def is_margined(self) -> bool:
        """Whether a position is held against margin instead of being paid for in full."""
        return self.kind in _MARGINED

    @property
    def is_swap(self) -> bool:
        """Whether it is a perpetual, linear or inverse."""
        return self.kind in _SWAPS

    @property
    def is_inverse(self) -> bool:
        """Whether its profit is paid in coin and goes by 1 / price."""
        return self.kind is Kind.INVERSE

    @property
    def is_crypto(self) -> bool:
        """Whether its venue tells makers from takers."""
        return self.kind is Kind.SPOT or self.kind in _SWAPS

    def price(self, value: Number) -> Price:
        """Read an order price; it must lie on the tick."""
        return Price.parse(value, self.tick_size)

    def quantity(self, value: Number) -> Quantity:
        """Read an order quantity; it must be a positive whole number of lots."""
        return Quantity.parse(value, self.lot)

    def round_down(self, value: Number) -> Decimal:
        """The highest order price that is not above `value`."""
        below, _ = self._neighbours(value)
        return below

    def round_up(self, value: Number) -> Decimal:
        """The lowest order price that is not below `value`."""
        below, rest = self._neighbours(value)
        return EXACT.add(below, self.tick_size) if rest else below

    def round_nearest(self, value: Number) -> Decimal:
        """The order price nearest to `value`; the lower one halfway between two."""
        below, rest = self._neighbours(value)
        return EXACT.add(below, self.tick_size) if 2 * rest > self.tick_size else below

    def whole_lots(self, quantity: Number) -> Decimal:
        """The largest order quantity that is not above `quantity`; zero if that is under a lot."""
        lots, _ = _whole(max(exact(quantity), Decimal(0)), self.lot)
        return EXACT.multiply(lots, self.lot)

    def _neighbours(self, value: Number) -> tuple[Decimal, Decimal]:
        # divmod stays exact where a division would round, and cuts towards zero.
        ticks, rest = _whole(exact(value), self.tick_size)
        if rest < 0:
            ticks, rest = EXACT.subtract(ticks, 1), EXACT.add(rest, self.tick_size)
        return EXACT.multiply(ticks, self.tick_size), rest


# Ours, whatever context the caller has set: a strategy may have changed its own.
_COUNTING = Context(prec=28, traps=[InvalidOperation])


def _whole(value: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    try:
        return _COUNTING.divmod(value, step)
    except InvalidOperation:  # more steps than any order has, 1e28 of them
        raise NotANumber(str(value)) from None


def infer_tick(prices: FloatArray) -> Decimal:
    """Find the coarsest power of ten on which all prices lie.

    Args:
        prices: (n,) finite prices in any order.
    Returns:
        At least 1e-8, or eight digits of the highest price where that is below 0.1: on a tick of
        1e-8 a price of 2e-9 would be filled at five times as much.
    """
    highest = float(prices.max())
    zeros = max(-math.floor(math.log10(highest)) - 1, 0) if highest > 0 else 0
    scaled = prices * 10.0**zeros
    for decimals in range(_MAX_DECIMALS):
        if np.allclose(np.round(scaled, decimals), scaled, rtol=0.0, atol=1e-10):
            return Decimal(1).scaleb(-decimals - zeros)
    return Decimal(1).scaleb(-_MAX_DECIMALS - zeros)
