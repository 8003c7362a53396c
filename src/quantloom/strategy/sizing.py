"""How large an order is when the strategy leaves it to the run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from quantloom.errors import Invalid
from quantloom.market import Instrument, Number, exact, exactly
from quantloom.trading import ZERO, RoundTrip

_WHOLE = Decimal(1)
# Of two closes there is one return, which differs from nothing.
_TOO_FEW = 2


@dataclass(frozen=True, slots=True)
class Account:
    """The account at the last close.

    Attributes:
        cash, equity: exact, in the account's currency.
    """

    cash: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sizing is asked for.

    Attributes:
        price: limit price, stop price or last close.
        stop: price of its `stop_loss`, None without one.
    """

    price: Decimal
    stop: Decimal | None = None


class BadSizing(Invalid):
    """A size, a share or a count outside what makes sense.

    Attributes:
        above: the value must lie above it.
        most: the highest allowed value, None for any.
    """

    code = "strategy.bad_sizing"

    def __init__(
        self, field: str, value: Decimal, above: Decimal = ZERO, most: Decimal | None = None
    ) -> None:
        super().__init__(field, value, above, most)
        self.field, self.value, self.above, self.most = field, value, above, most

    def __str__(self) -> str:
        bounds = f"above {self.above}"
        if self.most is not None:
            bounds += f" and at most {self.most}"
        return f"{self.field} is {self.value}; it must be {bounds}"


class StopNeeded(Invalid):
    """An entry without a stop was to be sized by what it would lose there."""

    code = "strategy.stop_needed"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"{self.symbol} is to be sized by its risk, and the entry has no stop; "
            "give buy or short a stop_loss=, or a quantity"
        )


@dataclass(slots=True)
class Tally:
    """Round trips that won and lost; those of exactly zero are neither.

    Attributes:
        won, lost: sums of their profits and losses, exact; `lost` is at or below zero.
        count: all of them, those of zero too.
    """

    wins: int = 0
    losses: int = 0
    won: Decimal = ZERO
    lost: Decimal = ZERO
    count: int = 0

    def catch_up(self, trips: Sequence[RoundTrip]) -> None:
        """Count what has come since: each round trip is looked at once."""
        with exactly():
            for trip in trips[self.count :]:
                self.wins += trip.pnl > 0
                self.losses += trip.pnl < 0
                self.won += max(trip.pnl, ZERO)
                self.lost += min(trip.pnl, ZERO)
        self.count = len(trips)


class Book(Protocol):
    """What a sizing may look at; computed only if it does."""

    @property
    def account(self) -> Account:
        """Cash and equity at the last close."""
        ...

    @property
    def round_trips(self) -> Sequence[RoundTrip]:
        """What the run has closed so far, oldest first."""
        ...

    @property
    def tally(self) -> Tally:
        """What the run has won and lost so far."""
        ...

    def price(self, symbol: str) -> Decimal:
        """The last close of an instrument, exact."""
        ...

    def rate(self, symbol: str) -> Decimal:
        """What one unit of an instrument's currency is worth in the account's, 1 for its own."""
        ...

    def volatility(self, symbol: str, window: int) -> float:
        """Standard deviation of the log returns of the last `window` closes, a year's.

        Returns:
            0.2 for 20 % a year; NaN while there are fewer closes.
        """
        ...


class Sizing(Protocol):
    """Turns an account and a price into an order quantity.

    Attributes:
        may_trim: whether a fill short of cash takes what the account affords.
    """

    @property
    def may_trim(self) -> bool: ...

    def quantity(self, instrument: Instrument, book: Book, entry: Entry) -> Decimal:
        """Whole lots at or above zero."""
        ...


@dataclass(frozen=True, slots=True)
class FixedSize:
    """The same quantity each time; refused, not trimmed, when the account cannot pay for it."""

    size: Decimal

    def __post_init__(self) -> None:
        _check(self, "size")

    @classmethod
    def of(cls, size: Number) -> "FixedSize":
        return cls(exact(size))

    @property
    def may_trim(self) -> bool:
        return False

    def quantity(self, instrument: Instrument, book: Book, entry: Entry) -> Decimal:  # noqa: ARG002  the protocol's
        return self.size


@dataclass(frozen=True, slots=True)
class EquityShare:
    """A share of equity as notional value; 1 puts all of it in, 2 is twice leverage."""

    weight: Decimal = Decimal("0.95")

    def __post_init__(self) -> None:
        _check(self, "weight")

    @classmethod
    def of(cls, weight: Number) -> "EquityShare":
        return cls(exact(weight))

    @property
    def may_trim(self) -> bool:
        return True

    def quantity(self, instrument: Instrument, book: Book, entry: Entry) -> Decimal:  # noqa: ARG002  the protocol's
        return _notional(instrument, book, self.weight)


@dataclass(frozen=True, slots=True)
class RiskPerTrade:
    """As much as loses a share of equity if the entry's stop is met at its price.

    A stop at the entry's own price measures no risk, and comes to nothing. Costs, and a price that
    jumps over the stop, lose more.

    Attributes:
        risk: share of equity, 0.01 for 1 %.
    """

    risk: Decimal = Decimal("0.01")

    def __post_init__(self) -> None:
        _check(self, "risk", most=_WHOLE)

    @classmethod
    def of(cls, risk: Number) -> "RiskPerTrade":
        return cls(exact(risk))

    @property
    def may_trim(self) -> bool:
        return True

    def quantity(self, instrument: Instrument, book: Book, entry: Entry) -> Decimal:
        """Whole lots at or above zero.

        Raises:
            StopNeeded: the entry has no stop.
        """
        if entry.stop is None:
            raise StopNeeded(instrument.symbol)
        with exactly():
            distance = abs(entry.price - entry.stop) * book.rate(instrument.symbol)
            money = book.account.equity * self.risk
            if instrument.is_inverse:  # 1 / price - 1 / stop = distance / (price x stop)
                return lots_worth(instrument, money, entry.price * entry.stop, over=distance)
            return lots_worth(instrument, money, distance)


@dataclass(frozen=True, slots=True)
class VolatilityTarget:
    """The notional value at which a position's volatility is a share of equity a year.

    While the volatility is unknown it comes to nothing; where prices stood still, to `cap`.

    Attributes:
        target: volatility of the position over equity, 0.15 for 15 % a year.
        window: closes over which the instrument's own volatility is measured.
        cap: notional value over equity, at most.
    Source:
        Moskowitz, Ooi, Pedersen, Time series momentum, Journal of Financial Economics 104 (2012),
        section 4.1: position size target / volatility. Theirs is exponentially weighted.
    """

    target: Decimal = Decimal("0.15")
    window: int = 20
    cap: Decimal = _WHOLE

    def __post_init__(self) -> None:
        _check(self, "target", "cap")
        if self.window <= _TOO_FEW:
            raise BadSizing("window", Decimal(self.window), Decimal(_TOO_FEW))

    @classmethod
    def of(cls, target: Number, window: int = 20, cap: Number = 1) -> "VolatilityTarget":
        return cls(exact(target), window, exact(cap))

    @property
    def may_trim(self) -> bool:
        return True

    def quantity(self, instrument: Instrument, book: Book, entry: Entry) -> Decimal:  # noqa: ARG002  the protocol's
        volatility = book.volatility(instrument.symbol, self.window)
        if math.isnan(volatility):
            return ZERO
        at_most = _notional(instrument, book, self.cap)
        if not volatility:
            return at_most
        return min(at_most, _notional(instrument, book, self.target, over=exact(volatility)))


@dataclass(frozen=True, slots=True)
class KellyFraction:
    """A part of the share of equity that would have let the run's own round trips grow fastest.

    The notional value is what Kelly calls the stake, as if a loss took all of it: cautious.

    Attributes:
        fraction: part of the Kelly share; a half keeps three quarters of the growth.
        cap: notional value over equity, at most.
        least: round trips below which `start` is the share.
        start: share of equity before there are enough round trips, a win and a loss among them.
    Source:
        Thorp, The Kelly criterion in blackjack, sports betting, and the stock market (2006),
        section 2: p - q / b; p - (1 - p) / payoff as in `TripStatistics.kelly_ratio`, round trips
        of exactly zero left out.
    """

    fraction: Decimal = Decimal("0.5")
    cap: Decimal = _WHOLE
    least: int = 20
    start: Decimal = Decimal("0.1")

    def __post_init__(self) -> None:
        _check(self, "fraction", most=_WHOLE)
        _check(self, "cap", "start")
        if self.least < 1:
            raise BadSizing("least", Decimal(self.least))

    @classmethod
    def of(
        cls,
        fraction: Number = "0.5",
        *,
        cap: Number = 1,
        least: int = 20,
        start: Number = "0.1",
    ) -> "KellyFraction":
        return cls(exact(fraction), exact(cap), least, exact(start))

    @property
    def may_trim(self) -> bool:
        return True

    def quantity(self, instrument: Instrument, book: Book, entry: Entry) -> Decimal:  # noqa: ARG002  the protocol's
        tally = book.tally
        if tally.count < self.least or not tally.wins or not tally.losses:
            return _notional(instrument, book, self.start)
        with exactly():
            # p - q / b over a common denominator, which no rounding can touch.
            share = self.fraction * tally.wins * (tally.won + tally.lost)
            over = tally.won * (tally.wins + tally.losses)
        wanted = _notional(instrument, book, share, over=over)
        return min(_notional(instrument, book, self.cap), wanted)


AnySizing = FixedSize | EquityShare | RiskPerTrade | VolatilityTarget | KellyFraction
"""The sizings that come with the library."""


def _check(sizing: AnySizing, *fields: str, most: Decimal | None = None) -> None:
    for field in fields:
        value = exact(getattr(sizing, field))
        object.__setattr__(sizing, field, value)
        if not value > 0 or (most is not None and value > most):
            raise BadSizing(field, value, most=most)


def _notional(
    instrument: Instrument, book: Book, share: Decimal, over: Decimal = _WHOLE
) -> Decimal:
    """The most whole lots whose value is `share / over` of equity."""
    with exactly():
        price = book.price(instrument.symbol) * book.rate(instrument.symbol)
        return lots_worth(instrument, book.account.equity * share, price, over=over)


def lots_worth(
    instrument: Instrument, money: Decimal, price: Decimal, *, over: Decimal = _WHOLE
) -> Decimal:
    """The most whole lots of which `money` pays `over` times the value at `price`.

    Money and price are of one currency; of an inverse swap money is coin.
    """
    if instrument.is_inverse:
        money, price = money * price, _WHOLE
    lot_price = price * over * instrument.multiplier * instrument.lot
    if not lot_price > 0:
        return ZERO
    return max(ZERO, money // lot_price) * instrument.lot
