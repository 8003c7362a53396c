"""What time costs and earns: interest on cash, and on what was borrowed."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Context, Decimal

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.record import Payment
from quantloom.market import exact, exactly
from quantloom.trading import CarryRates

_DAYS_OF_A_YEAR = 365
_CUT = Context(prec=60, rounding=ROUND_DOWN)
# Smaller amounts stay with the bank: a sum of such parts must not need endless digits.
_QUANTUM = Decimal("1e-8")


class Carry:
    """Pays interest at the beginning of each trading day for the days since the last one.

    Reckoned on the close of the day before, actual days over 365, cut to 1e-8 of the currency.
    Futures need no cash of their own, so being short of them costs nothing here.
    """

    def __init__(self, rates: CarryRates, desk: BarDesk) -> None:
        self._rates, self._desk = rates, desk
        begins = desk.timeline.day_steps()
        self.steps = frozenset(begins[begins > desk.first_step].tolist())

    def happen(self, step: int) -> None:
        """Pay for the days from the day before a step's to its own."""
        desk, ledger = self._desk, self._desk.ledger
        days = int(desk.timeline.days[step] - desk.timeline.days[step - 1])
        at_ns = int(desk.timeline.opens_ns[step])
        with exactly():
            for kind, symbol, base, rate in [*self._bases()]:
                amount = _share(base * rate * days)
                if amount:
                    ledger.cash += amount
                    desk.record.pay(step, ledger.cash, Payment(at_ns, kind, symbol, amount))

    def _bases(self) -> Iterator[tuple[str, str, Decimal, Decimal]]:
        """What each rate is of."""
        rates, ledger = self._rates, self._desk.ledger
        if ledger.cash > 0:
            yield "interest", "", ledger.cash, rates.interest
        else:
            yield "borrow", "", ledger.cash, rates.borrow
        for symbol, (instrument, position) in ledger.held.items():
            if position.is_short and not instrument.is_margined:
                value = ledger.value(instrument, exact(self._desk.feeds[symbol].price))
                yield "borrow", symbol, value, rates.borrow


def _share(amount_of_days: Decimal) -> Decimal:
    return _CUT.quantize(_CUT.divide(amount_of_days, _DAYS_OF_A_YEAR), _QUANTUM)
