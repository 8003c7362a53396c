"""Which limit orders of a run a venue turns down for lying beyond the price cage."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.kit import from_ns
from quantloom.market import auctions, exact
from quantloom.market.rulebook import RuleBook, topics
from quantloom.trading import OrderKind, OrderTicket, Refused, TimeInForce, review_cage

_FOR_AUCTIONS = (TimeInForce.OPEN, TimeInForce.CLOSE)


class _Hours(NamedTuple):
    """A price cage, and from when to when trading is continuous, but for breaks."""

    cage: topics.Cage
    since: datetime
    until: datetime


class Cages:
    """The price cages of a run's instruments, day by day."""

    def __init__(self, book: RuleBook, feeds: Mapping[str, Feed]) -> None:
        self._book, self._feeds = book, feeds
        self._hours: dict[tuple[str, date], _Hours | None] = {}

    def review(self, ticket: OrderTicket, last_price: float | None, at_ns: int) -> Refused | None:
        """Say why a limit order may not be sent at a moment; None if it may.

        What waits for a condition or is for an auction has no cage to fear yet.
        """
        waits = ticket.terms.condition is not None or ticket.terms.tif in _FOR_AUCTIONS
        if ticket.kind is not OrderKind.LIMIT or ticket.price is None or waits:
            return None
        cage = None if last_price is None else self._at(ticket.symbol, at_ns)
        if cage is None or last_price is None:
            return None
        return review_cage(
            cage,
            ticket.side,
            price=ticket.price,
            reference=exact(last_price),
            tick=self._feeds[ticket.symbol].instrument.tick_size,
        )

    def _at(self, symbol: str, at_ns: int) -> topics.Cage | None:
        """The cage in force at a moment; None where there is none, as in auctions."""
        day = self._feeds[symbol].calendar.trading_day(np.array([at_ns]))[0].item()
        if (symbol, day) not in self._hours:
            self._hours[symbol, day] = self._find(symbol, day)
        found = self._hours[symbol, day]
        is_in_force = found is not None and found.since < from_ns(at_ns) < found.until
        return found.cage if found is not None and is_in_force else None

    def _find(self, symbol: str, day: date) -> _Hours | None:
        cage = self._book.find(topics.Cage, symbol, day)
        sessions = self._feeds[symbol].calendar.sessions(day)
        if cage is None or not sessions:
            return None
        begins, ends = sessions[0].open, sessions[-1].close
        later = [call.open for call in auctions(symbol, day, self._book) if call.open > begins]
        return _Hours(cage, begins, min([*later, ends]))
