"""A made-up account and market, for sizings to look at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quantloom.market import Instrument, Kind
from quantloom.strategy import Account, Tally
from quantloom.trading import RoundTrip, Side


@dataclass
class FakeBook:
    """An account of some equity, a market at some price and as wild as it is said to be."""

    at: Decimal = Decimal(100)
    worth: Decimal = Decimal(100_000)
    wildness: float = math.nan
    round_trips: Sequence[RoundTrip] = ()

    @property
    def account(self) -> Account:
        return Account(self.worth, self.worth)

    @property
    def tally(self) -> Tally:
        counted = Tally()
        counted.catch_up(self.round_trips)
        return counted

    def price(self, symbol: str) -> Decimal:
        return self.at

    def rate(self, symbol: str) -> Decimal:
        return Decimal(1)

    def volatility(self, symbol: str, window: int) -> float:
        return self.wildness


def make_tradable(
    lot: Decimal = Decimal(1), multiplier: Decimal = Decimal(1), symbol: str = "MADE.SIM"
) -> Instrument:
    return Instrument(
        symbol=symbol, kind=Kind.STOCK, tick_size=Decimal("0.01"), lot=lot, multiplier=multiplier
    )


def make_trip(pnl: float | Decimal) -> RoundTrip:
    money = Decimal(str(pnl))
    return RoundTrip(
        symbol="MADE.SIM",
        side=Side.BUY,
        quantity=Decimal(1),
        entry_ns=0,
        entry_price=Decimal(100),
        exit_ns=1,
        exit_price=Decimal(100) + money,
        gross=money,
        commission=Decimal(0),
        slippage=Decimal(0),
        pnl=money,
    )
