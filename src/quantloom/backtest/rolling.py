"""Carries orders and positions of a continuous series from contract to contract."""

from decimal import Decimal
from itertools import groupby

import numpy as np

from quantloom.backtest.chain import Chain, Leg
from quantloom.backtest.desk import BarDesk
from quantloom.market import exactly
from quantloom.simulation import OfferedBar
from quantloom.trading import OrderKind, OrderTicket, Position, Role, Side


class Rolls:
    """Rolls before the first bar of each new contract.

    Orders are moved along in the terms of the roll. An open position is closed in the old contract
    and opened in the new one, each at the open of its own bar, with slippage and commission on
    both. The volume of those bars is no cap: a roll is not left half done.
    """

    def __init__(self, desk: BarDesk) -> None:
        self._desk = desk
        self._found: dict[int, list[tuple[Chain, Leg, Leg]]] = {}
        for place, (symbol, feed) in enumerate(desk.feeds.items()):
            if symbol not in desk.chains:
                continue
            chain = desk.chains[symbol]
            for old, new in chain.rolls(len(feed.bars)):
                (step,) = desk.timeline.steps_of(place, [new.row])
                self._found.setdefault(step, []).append((chain, old, new))
        self.steps = frozenset(self._found)

    def happen(self, step: int) -> None:
        """Move the orders."""
        for chain, _, new in self._found[step]:
            at_ns = int(self._desk.timeline.opens_ns[step])
            self._desk.reopen(chain.series.bars.symbol)
            self._desk.venue.restate(chain.series.bars.symbol, chain.shift(new), at_ns)

    def happen_at_open(self, step: int) -> None:
        """Move the positions, at the open of a step's bars."""
        for chain, old, new in self._found.get(step, ()):
            symbol = chain.series.bars.symbol
            held = self._desk.ledger.held.get(symbol)
            if held is not None:
                with exactly():
                    self._roll(chain, held[1], old, new)

    def _roll(self, chain: Chain, position: Position, old: Leg, new: Leg) -> None:
        desk, symbol = self._desk, position.symbol
        is_long = position.is_long
        opened = desk.feeds[symbol].offer(new.row, with_days=False)
        left = _bar_of(chain, old.contract, opened)
        if left.ts_ns != opened.ts_ns:
            desk.log(f"{old.contract} had no bar at its roll and was left at its last close")
            left = left._replace(ts_ns=opened.ts_ns, open=left.close)
        # All lots of one tag that follow each other are opened anew together.
        again = [
            (tag, sum((abs(lot.quantity) for lot in lots), Decimal(0)))
            for tag, lots in groupby(position.lots, key=lambda lot: lot.tag)
        ]
        leaving = self._ticket(
            symbol, abs(position.quantity), Side.SELL if is_long else Side.BUY, is_closing=True
        )
        desk.roll(leaving, left, old.contract)
        for tag, quantity in again:
            side = Side.BUY if is_long else Side.SELL
            desk.roll(self._ticket(symbol, quantity, side, tag=tag), opened, new.contract)

    def _ticket(
        self, symbol: str, quantity: Decimal, side: Side, *, is_closing: bool = False, tag: str = ""
    ) -> OrderTicket:
        return OrderTicket(
            id=self._desk.next_order_id(),
            symbol=symbol,
            side=side,
            kind=OrderKind.MARKET,
            quantity=quantity,
            is_reduce_only=is_closing,
            # Short of margin, what it carries is rolled and the rest stays closed.
            may_trim=not is_closing,
            submitted_ns=self._desk.now_ns,
            tag=tag,
            role=Role.ROLL,
        )


def _bar_of(chain: Chain, contract: str, opened: OfferedBar) -> OfferedBar:
    """The contract's own bar at a time, or its last one before."""
    bars = chain.bars[contract]
    row = int(np.searchsorted(bars.ts, opened.ts_ns, side="right")) - 1
    return opened._replace(
        ts_ns=int(bars.ts[row]),
        open=float(bars.open[row]),
        high=float(bars.high[row]),
        low=float(bars.low[row]),
        close=float(bars.close[row]),
        volume=float(bars.volume[row]),
    )
