"""Rates of currencies over a run: what is known at each moment, and what exchanging costs."""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quantloom.errors import Invalid, NotFound
from quantloom.kit import FloatArray, IntArray, from_ns
from quantloom.market import Bars, Instrument, closes_of, exact
from quantloom.trading import ZERO

_OWN = Decimal(1)
_EVER_NS = np.iinfo(np.int64).min
_DAY_NS = 86_400 * 10**9
# Longer than any holiday, and than a month: rates of the ends of months are enough.
_STALE_DAYS = 35


class RatesMissing(Invalid):
    """Instruments of other currencies than the account's, and no rates of these."""

    code = "backtest.rates_missing"

    def __init__(self, currency: str, missing: tuple[str, ...]) -> None:
        super().__init__(currency, missing)
        self.currency, self.missing = currency, missing

    def __str__(self) -> str:
        asked = ", ".join(f'"{one}": ...' for one in self.missing)
        return (
            f"the account is in {self.currency} and the run trades in {', '.join(self.missing)}; "
            f"pass fx={{{asked}}} with the price of one unit in {self.currency}: bars, a file, or "
            "a number for a rate that never changes"
        )


class RatesUnused(Invalid):
    """Rates of a currency that no instrument of the run is in."""

    code = "backtest.rates_unused"

    def __init__(self, name: str, currencies: tuple[str, ...]) -> None:
        super().__init__(name, currencies)
        self.name, self.currencies = name, currencies

    def __str__(self) -> str:
        return (
            f"fx names {self.name}, and the run is in {', '.join(self.currencies)}, the account's "
            "own first; leave it out, or say what an instrument is in: Instrument(currency=...)"
        )


class BadRates(Invalid):
    """Rates that are no prices."""

    code = "backtest.bad_rates"

    def __init__(self, currency: str, found: float) -> None:
        super().__init__(currency, found)
        self.currency, self.found = currency, found

    def __str__(self) -> str:
        return f"the rates of {self.currency} hold {self.found:g}; each must be above zero"


class NoRateYet(NotFound):
    """A rate was needed before the first one that is given."""

    code = "backtest.no_rate_yet"

    def __init__(self, currency: str, at_ns: int, first_ns: int) -> None:
        super().__init__(currency, at_ns, first_ns)
        self.currency, self.at_ns, self.first_ns = currency, at_ns, first_ns

    def __str__(self) -> str:
        return (
            f"{self.currency} was to be exchanged at {from_ns(self.at_ns):%Y-%m-%d %H:%M}, and its "
            f"first rate closes at {from_ns(self.first_ns):%Y-%m-%d %H:%M}; give earlier rates, or "
            "start the run later"
        )


class RatesEnd(Invalid):
    """Rates that end long before the run does."""

    code = "backtest.rates_end"

    def __init__(self, currency: str, last_ns: int, end_ns: int) -> None:
        super().__init__(currency, last_ns, end_ns)
        self.currency, self.last_ns, self.end_ns = currency, last_ns, end_ns

    def __str__(self) -> str:
        return (
            f"the rates of {self.currency} end on {from_ns(self.last_ns):%Y-%m-%d}, and the run on "
            f"{from_ns(self.end_ns):%Y-%m-%d}; give rates to within {_STALE_DAYS} days of its end, "
            "or end the run earlier"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What one unit of a currency was worth in another, at the times when that became known.

    Args:
        currency: the one that is worth something.
        known_ns: (n,) UTC nanoseconds, oldest first: the closes of bars.
        values: (n,) above zero.
    """

    currency: str
    known_ns: IntArray
    values: FloatArray

    def __post_init__(self) -> None:
        bad = ~(np.isfinite(self.values) & (self.values > 0))
        if bad.any():
            raise BadRates(self.currency, float(self.values[bad][0]))

    @classmethod
    def constant(cls, currency: str, value: float) -> "Rates":
        """A rate that never changes."""
        return cls(currency, np.array([_EVER_NS]), np.array([value]))

    @classmethod
    def of_bars(cls, currency: str, bars: Bars) -> "Rates":
        """The closes of bars, each known when its bar is over."""
        return cls(currency, closes_of(bars.ts, bars.timeframe), np.array(bars.close))

    def inverted(self) -> "Rates":
        """One over each; of a pair that was given the other way round."""
        return Rates(self.currency, self.known_ns, 1.0 / self.values)

    def at_each(self, moments: IntArray) -> FloatArray:
        """The last rate known at each moment; the first one before there is any."""
        rows = np.searchsorted(self.known_ns, moments, side="right") - 1
        return np.asarray(self.values[np.maximum(rows, 0)])

    def __repr__(self) -> str:
        told = hashlib.sha256(self.known_ns.tobytes() + self.values.tobytes()).hexdigest()
        return f"<{len(self.values)} rates of {self.currency}: {told}>"


def read_fx(
    given: Mapping[str, Bars | float], *, currency: str, wanted: Iterable[str]
) -> dict[str, Rates]:
    """Sort what a run is told of currencies by them.

    Args:
        given: by a currency, whose price in the account's it is, or by a pair such as EURUSD or
            EUR/USD, the price of the first in the second.
        currency: the account's.
        wanted: of the instruments.
    Raises:
        RatesUnused: a name that stands for none of the other currencies.
    """
    others = [one for one in dict.fromkeys(wanted) if one != currency]
    found = {}
    for name, held in given.items():
        other, is_inverse = _read_pair(name, held, currency, others)
        rates = (
            Rates.of_bars(other, held)
            if isinstance(held, Bars)
            else Rates.constant(other, float(held))
        )
        found[other] = rates.inverted() if is_inverse else rates
    return found


def _read_pair(name: str, held: Bars | float, currency: str, others: list[str]) -> tuple[str, bool]:
    """Which currency a name is of, and whether it is the pair the other way round."""
    # Bars that call themselves USDJPY are dollars in yen, whatever key they are given by.
    for text in (_code(held.symbol) if isinstance(held, Bars) else "", _code(name)):
        for other in others:
            if text in {other + currency, currency + other}:
                return other, text.startswith(currency)
    if name in others:
        return name, False
    raise RatesUnused(name, (currency, *others))


def _code(name: str) -> str:
    return name.split(".", maxsplit=1)[0].replace("/", "").upper()


class RunExchange:
    """The rates of a run's instruments at the moment at which its account stands.

    Args:
        rates: by currency, of all but the account's.
        share: of what is exchanged, that exchanging it costs.
        at: the moment in UTC nanoseconds, as an instrument's fills and values have it.
        on_cost: told the symbol and the cost of all that is exchanged.
    Raises:
        RatesMissing: a currency without rates.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        rates: Mapping[str, Rates],
        *,
        currency: str,
        share: Decimal,
        at: Callable[[str], int],
        on_cost: Callable[[str, Decimal], None],
    ) -> None:
        others = {one.symbol: one.currency for one in instruments if one.currency != currency}
        missing = tuple(dict.fromkeys(one for one in others.values() if one not in rates))
        if missing:
            raise RatesMissing(currency, missing)
        self._rates = {symbol: rates[other] for symbol, other in others.items()}
        self._known = {one.currency: one.known_ns.tolist() for one in self._rates.values()}
        self._share, self._at, self._on_cost = share, at, on_cost

    def rate(self, symbol: str) -> Decimal:
        """What one unit of an instrument's currency is worth in the account's.

        Raises:
            NoRateYet: it is not known yet.
        """
        rates = self._rates.get(symbol)
        if rates is None:
            return _OWN
        known, at_ns = self._known[rates.currency], self._at(symbol)
        row = bisect_right(known, at_ns) - 1
        if row < 0:
            raise NoRateYet(rates.currency, at_ns, known[0])
        return exact(float(rates.values[row]))

    def cost(self, symbol: str, amount: Decimal) -> Decimal:
        """What it costs to exchange an amount."""
        return abs(amount) * self._share if symbol in self._rates else ZERO

    def charge(self, symbol: str, amount: Decimal) -> Decimal:
        """The same of an amount that is exchanged now; it is told of."""
        cost = self.cost(symbol, amount)
        if cost:
            self._on_cost(symbol, cost)
        return cost

    def at_each(self, symbol: str, moments: IntArray) -> FloatArray:
        """The rate known at each moment; the first one before there is any."""
        rates = self._rates.get(symbol)
        return np.ones(len(moments)) if rates is None else rates.at_each(moments)

    def check_end(self, end_ns: int) -> None:
        """Refuse rates that end long before the run does.

        Raises:
            RatesEnd: more than 35 days before.
        """
        for rates in self._rates.values():
            last_ns = int(rates.known_ns[-1])
            if last_ns != _EVER_NS and end_ns - last_ns > _STALE_DAYS * _DAY_NS:
                raise RatesEnd(rates.currency, last_ns, end_ns)
