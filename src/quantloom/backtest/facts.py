"""What a run is told of its instruments besides their bars."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from quantloom.backtest.rates import Rates
from quantloom.market import Action, Bars, Continuous, Listing
from quantloom.trading import FundingRates


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Data of what happens to an instrument that its bars do not show.

    Attributes:
        actions: corporate actions by symbol.
        chains: the contracts that a continuous series is made of, by its symbol.
        listings: when instruments came to their market and left it, by symbol.
        funding: what longs paid shorts of perpetual swaps, by symbol.
        marks: bars of the mark price of swaps, by symbol.
        rates: of currencies, by currency, in the account's.
    """

    actions: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    chains: Mapping[str, Continuous] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    funding: Mapping[str, FundingRates] = field(default_factory=dict)
    marks: Mapping[str, Bars] = field(default_factory=dict)
    rates: Mapping[str, Rates] = field(default_factory=dict)

    def digest(self) -> str:
        """SHA-256 of all that was given; empty where nothing was."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        given["marks"] = {symbol: bars.digest() for symbol, bars in self.marks.items()}
        given["chains"] = {symbol: one.digest() for symbol, one in self.chains.items()}
        told = [f"{name} {dict(sorted(held.items()))!r}" for name, held in given.items() if held]
        return hashlib.sha256("\n".join(told).encode()).hexdigest() if told else ""
