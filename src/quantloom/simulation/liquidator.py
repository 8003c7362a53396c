"""Closes swaps by force where the mark price leaves less than their maintenance margin.

docs/reference/realism.md says when, docs/explanation/perpetuals.md by which sums.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple, Protocol, cast

from quantloom.market import Instrument
from quantloom.simulation.book import Book
from quantloom.simulation.matching import Hit, Moment
from quantloom.simulation.resting import OfferedBar
from quantloom.trading import (
    ZERO,
    Backing,
    DayTerms,
    Ledger,
    Liquidation,
    MarginTiers,
    MarkBar,
    Marked,
    Order,
    holding_of,
    liquidate,
    liquidated_at,
    liquidation_price,
    worth,
)

_STOPPED = (Moment.INSIDE_STOP, Moment.LATE_STOP)


class Marks(Protocol):
    """Where mark prices come from."""

    def over(self, symbol: str, bar: OfferedBar) -> MarkBar:
        """The mark price over a bar."""
        ...

    def last(self, symbol: str) -> Decimal:
        """The mark price of an instrument that has no bar at present."""
        ...


class Forced(NamedTuple):
    """A position to be closed, in part or whole."""

    symbol: str
    is_long: bool
    liquidation: Liquidation


class Liquidator:
    """Watches the swaps of one account.

    Args:
        issue: makes the order that closes a position, and keeps it.
        on_insured: books what the insurance fund pays in.
    """

    def __init__(
        self,
        ledger: Ledger,
        instruments: Mapping[str, Instrument],
        marks: Marks,
        *,
        issue: Callable[[Forced, int], Order],
        on_insured: Callable[[str, Decimal, int], None],
    ) -> None:
        self.issue, self._on_insured = issue, on_insured
        self._ledger, self._marks = ledger, marks
        self._swaps = {name: one for name, one in instruments.items() if one.is_swap}
        self._seen: tuple[object, ...] = ()
        self._bars: dict[str, MarkBar] = {}

    def take_up(self, offers: Mapping[str, OfferedBar]) -> None:
        """Look up the marks of the bars that are matched together."""
        self._bars = {
            symbol: self._marks.over(symbol, bar)
            for symbol, bar in offers.items()
            if symbol in self._swaps
        }

    @property
    def is_near(self) -> bool:
        """Whether a position may fail in the bars taken up."""
        held = self._ledger.held
        return any(
            symbol in held and self._may_fail(symbol, mark) for symbol, mark in self._bars.items()
        )

    def _may_fail(self, symbol: str, mark: MarkBar) -> bool:
        """Rule out what has twice the margin that it needs, which is quickly told of one alone."""
        ledger = self._ledger
        if ledger.isolated is None and len(ledger.held) > 1:
            return True
        tiers, _ = self._tiers(symbol)
        if tiers is None:
            return False
        instrument, position = ledger.held[symbol]
        worst = mark.low if position.is_long else mark.high
        margin = ledger.cash if ledger.isolated is None else ledger.isolated.of(symbol)
        value = worth(instrument, position.quantity, worst)
        return margin + position.unrealised(worst) < 2 * value * tiers.at(value).ratio

    def at_open(self, book: Book) -> Forced | None:
        """What fails as the bar opens, before any order of it."""
        symbol = book.instrument.symbol
        mark = self._bars.get(symbol)
        if mark is None or symbol not in self._ledger.held:
            return None
        still = MarkBar(mark.open, mark.open, mark.open)
        return self._forced(symbol, still, at_open=True)

    def inside(self, book: Book) -> Forced | None:
        """What fails within the bar: from its open on, or from where a new lot was opened."""
        symbol = book.instrument.symbol
        mark = self._bars.get(symbol)
        if mark is None or symbol not in self._ledger.held:
            return None
        if book.inside_lot is not None:
            mark = mark._replace(open=min(max(book.inside_lot.price, mark.low), mark.high))
        return self._forced(symbol, mark, at_open=False)

    @contextmanager
    def insured(self, forced: Forced, at_ns: int) -> Iterator[None]:
        """Let the fund pay what the fill inside takes beyond the margin of its position."""
        ledger, symbol = self._ledger, forced.symbol
        cash, isolated = ledger.cash, ledger.isolated
        margin = ZERO if isolated is None else isolated.of(symbol)
        yield
        left = margin + ledger.cash - cash
        lacking = -left
        if isolated is None:
            is_last = not any(name in ledger.held for name in self._swaps)
            lacking = min(-ledger.cash, cash - ledger.cash) if is_last else ZERO
        elif symbol in ledger.held:
            isolated.put(symbol, left)
        if lacking > 0:
            self._on_insured(symbol, lacking, at_ns)

    def watch(self, books: Mapping[str, Book], terms: Callable[[str], DayTerms]) -> None:
        """Find the prices at which the next bar matters to what is held."""
        held = [symbol for symbol in self._swaps if symbol in self._ledger.held]
        tiers = [terms(symbol).maintenance for symbol in held]
        quantities = [self._ledger.held[symbol][1].quantity for symbol in held]
        seen = (self._ledger.cash, *held, *map(id, tiers), *quantities)
        if seen == self._seen:
            return
        self._seen = seen
        is_alone = len(held) == 1 or self._ledger.isolated is not None
        for symbol in self._swaps:
            book = books[symbol]
            book.forced_rise, book.forced_fall = math.inf, -math.inf
            if symbol in held:
                book.forced_rise, book.forced_fall = self._alarm(symbol, terms, is_alone=is_alone)
            book.watch()

    def _alarm(
        self, symbol: str, terms: Callable[[str], DayTerms], *, is_alone: bool
    ) -> tuple[float, float]:
        tiers = terms(symbol).maintenance
        if tiers is None:
            return math.inf, -math.inf
        if not is_alone:
            return -math.inf, math.inf
        instrument, position = self._ledger.held[symbol]
        holding, backing = holding_of(instrument, position), self._backing(symbol, at_open=False)
        price = liquidation_price(holding, tiers, backing, tick=instrument.tick_size)
        if price is None:
            return math.inf, -math.inf
        # Marks lie off the tick: one on either side of the level is looked at.
        tick = instrument.tick_size
        if position.is_long:
            return math.inf, float(price + tick) if price.is_finite() else math.inf
        return float(price - tick), -math.inf

    def _forced(self, symbol: str, mark: MarkBar, *, at_open: bool) -> Forced | None:
        tiers, fee = self._tiers(symbol)
        if tiers is None or not self._may_fail(symbol, mark):
            return None
        instrument, position = self._ledger.held[symbol]
        holding, backing = holding_of(instrument, position), self._backing(symbol, at_open=at_open)
        tick = instrument.tick_size
        price = liquidated_at(holding, tiers, backing, mark, tick=tick)
        if price is None:
            return None
        price = instrument.round_down(price) if position.is_long else instrument.round_up(price)
        done = liquidate(
            Marked(holding, tiers, max(price, tick)), backing, fee_ratio=fee, step=instrument.lot
        )
        return Forced(symbol, position.is_long, done)

    def _tiers(self, symbol: str) -> tuple[MarginTiers | None, Decimal]:
        terms = self._ledger.terms_of(symbol)
        return terms.maintenance, terms.liquidation_fee

    def _backing(self, symbol: str, *, at_open: bool) -> Backing:
        """The margin of one position, or the wallet with the others at their worst of the bar."""
        isolated = self._ledger.isolated
        if isolated is not None:
            return Backing(isolated.of(symbol))
        return Backing.cross(
            self._ledger.cash,
            [self._other(name, at_open=at_open) for name in self._others(symbol)],
        )

    def _others(self, symbol: str) -> list[str]:
        held = [name for name in self._swaps if name in self._ledger.held and name != symbol]
        return [name for name in held if self._tiers(name)[0] is not None]

    def _other(self, symbol: str, *, at_open: bool) -> Marked:
        instrument, position = self._ledger.held[symbol]
        mark = self._bars.get(symbol)
        if mark is None:
            price = self._marks.last(symbol)
        elif at_open:
            price = mark.open
        else:
            price = mark.low if position.is_long else mark.high
        tiers, _ = self._tiers(symbol)
        return Marked(holding_of(instrument, position), cast("MarginTiers", tiers), price)


def comes_before(hit: Hit, forced: Forced) -> bool:
    """Whether a stop lies nearer than the price at which its position is closed by force."""
    if hit.moment not in _STOPPED or hit.resting.is_buy is forced.is_long:
        return False
    price = float(forced.liquidation.price)
    return hit.met > price if forced.is_long else hit.met < price
