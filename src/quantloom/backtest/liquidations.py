"""Perpetual swaps of a run, watched for the mark price that liquidates them."""

from collections.abc import Sequence
from decimal import Decimal

from quantloom.backtest.dayend import closing_ticket
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.record import Payment
from quantloom.backtest.regime import Regime
from quantloom.backtest.spec import BadRunSetting
from quantloom.market import Instrument
from quantloom.simulation import Forced, Liquidator
from quantloom.trading import Order, Role, Side


class Liquidations:
    """Gives the venue its liquidator, and keeps what that does.

    Args:
        currency: the account's.
    Raises:
        BadRunSetting: a swap is settled in other money than the account's.
    """

    def __init__(self, desk: BarDesk, regime: Regime, currency: str) -> None:
        _check_currency([*desk.instruments.values()], currency)
        self._desk, self._regime = desk, regime
        desk.venue.liquidator = Liquidator(
            desk.ledger,
            desk.instruments,
            regime.marks,
            issue=self._issue,
            on_insured=self._note_insured,
        )
        for symbol, marked in desk.facts.marks.items():
            desk.feeds[symbol].marks = marked

    def watch(self, step: int) -> None:
        """Find the prices at which swaps are liquidated from a step on, by the rules of its day."""
        day = int(self._desk.timeline.days[step])
        self._desk.venue.watch_margin(lambda symbol: self._regime.terms(symbol, day))

    def _issue(self, forced: Forced, at_ns: int) -> Order:
        """The order that liquidates a swap."""
        ticket = closing_ticket(
            self._desk,
            forced.symbol,
            Side.SELL if forced.is_long else Side.BUY,
            forced.liquidation.quantity,
            role=Role.LIQUIDATION,
            at_ns=at_ns,
        )
        order = Order(ticket)
        self._desk.orders.append(order)
        return order

    def _note_insured(self, symbol: str, amount: Decimal, at_ns: int) -> None:
        self._desk.pay(self._desk.step, Payment(at_ns, "insurance", symbol, amount))


def _check_currency(instruments: Sequence[Instrument], currency: str) -> None:
    """Margin is of the money that a swap is settled in."""
    other = next((one for one in instruments if one.is_swap and one.currency != currency), None)
    if other is not None:
        raise BadRunSetting("currency", currency, f"{other.currency}, for its margin")
