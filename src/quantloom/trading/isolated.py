"""The margin that stands behind each swap of an account in isolated mode."""

from decimal import Decimal

from quantloom.market import Instrument
from quantloom.trading.costs import Margin
from quantloom.trading.rounding import divide_down
from quantloom.trading.swaps import contract_of
from quantloom.trading.terms import ZERO

_QUANTUM = Decimal("1e-8")


class IsolatedMargins:
    """Margin by symbol: set aside as a position grows, given back in proportion as it shrinks.

    Funding is paid out of it and into it. What was paid beyond it is never lost.
    """

    def __init__(self) -> None:
        self._margins: dict[str, Decimal] = {}

    def of(self, symbol: str) -> Decimal:
        """The margin of a position; zero where there is none."""
        return self._margins.get(symbol, ZERO)

    @property
    def total(self) -> Decimal:
        return sum(self._margins.values(), ZERO)

    def after(
        self,
        instrument: Instrument,
        margin: Margin,
        *,
        before: Decimal,
        after: Decimal,
        price: Decimal,
    ) -> Decimal:
        """The margin of a position once a fill at a price has changed its quantity."""
        held = self.of(instrument.symbol)
        ratio = margin.ratio_of(after)
        contract = contract_of(instrument)
        if before * after <= 0:
            return contract.notional(after, price) * ratio if after else ZERO
        if abs(after) <= abs(before):
            return divide_down(held * abs(after), abs(before), _QUANTUM)
        return held + contract.notional(after - before, price) * ratio

    def put(self, symbol: str, margin: Decimal) -> None:
        """Say what stands behind a position from now on."""
        if margin:
            self._margins[symbol] = margin
        else:
            self._margins.pop(symbol, None)
