"""Funding of swaps: paid and received between bars, and counted where its rate is not known."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.record import Payment
from quantloom.backtest.regime import Regime
from quantloom.market import exactly
from quantloom.market.rulebook import RuleBook, topics
from quantloom.trading import ZERO, FundingDue, FundingRates, contract_of, funding_cash

_NOTHING = FundingRates(np.empty(0, np.int64), np.empty(0))


class FundingPayments:
    """Books what falls due by the rules, or by the series, before the first bar from then on.

    What falls due inside the last bar is booked after it.
    """

    def __init__(self, desk: BarDesk, regime: Regime) -> None:
        self._desk, self._regime = desk, regime
        self._due: dict[int, list[tuple[int, str, FundingDue]]] = {}
        opens, closes = desk.timeline.opens_ns, desk.timeline.closes_ns
        for symbol, instrument in desk.instruments.items():
            if instrument.is_swap:
                rates = desk.facts.funding.get(symbol, _NOTHING)
                rule = funding_rules(regime.book, symbol)
                begin, end = int(opens[desk.first_step]), int(closes[-1]) - 1
                for due in rates.due(rule, begin, end):
                    step = int(np.searchsorted(opens, due.ts_ns))
                    self._due.setdefault(step, []).append((due.ts_ns, symbol, due))
        self.steps = frozenset(self._due)

    def happen(self, step: int) -> None:
        """Pay and receive what fell due since the step before, in the order of its times."""
        with exactly():
            for ts_ns, symbol, due in sorted(self._due[step], key=lambda one: one[:2]):
                quantity = self._held_at(symbol, ts_ns)
                if quantity and due.rate is None:
                    unfunded = self._regime.unfunded
                    unfunded[symbol] = unfunded.get(symbol, 0) + 1
                elif quantity and due.rate:
                    self._pay(step, symbol, due, quantity)

    def _pay(self, step: int, symbol: str, due: FundingDue, quantity: Decimal) -> None:
        desk = self._desk
        mark = self._regime.marks.at(symbol, due.ts_ns)
        contract = contract_of(desk.instruments[symbol])
        amount = funding_cash(contract, quantity, mark, due.rate or ZERO)
        isolated = desk.ledger.isolated
        if isolated is not None:
            isolated.put(symbol, isolated.of(symbol) + amount)
        step = min(step, len(desk.timeline) - 1)
        desk.pay(step, Payment(due.ts_ns, "funding", symbol, amount))

    def _held_at(self, symbol: str, ts_ns: int) -> Decimal:
        """The position before the fills of that moment and of those after it."""
        quantity = self._desk.ledger.position(self._desk.instruments[symbol]).quantity
        for fill in reversed(self._desk.record.fills):
            if fill.ts_ns < ts_ns:
                break
            if fill.symbol == symbol:
                quantity -= fill.signed_quantity
        return quantity


def funding_rules(book: RuleBook, symbol: str) -> Callable[[date], topics.Funding | None]:
    """What the book says of funding, looked up once between two changes."""
    changes = book.changes(symbol, ["funding"])
    known: dict[int, topics.Funding | None] = {}

    def on(day: date) -> topics.Funding | None:
        place = bisect_right(changes, day)
        if place not in known:
            known[place] = book.find(topics.Funding, symbol, day)
        return known[place]

    return on
