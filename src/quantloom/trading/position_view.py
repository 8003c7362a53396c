"""A position as a strategy sees it."""

from decimal import Decimal

from quantloom.trading.positions import Position


class PositionView:
    """A position as a strategy sees it: it follows the fills and cannot be changed."""

    __slots__ = ("_position",)

    def __init__(self, position: Position) -> None:
        self._position = position

    @property
    def symbol(self) -> str:
        return self._position.symbol

    @property
    def quantity(self) -> Decimal:
        """Signed: below zero is short."""
        return self._position.quantity

    def __bool__(self) -> bool:
        """Whether anything is held, so that `if not ctx.position` means what it says."""
        return bool(self._position.quantity)

    @property
    def is_flat(self) -> bool:
        return not self._position.quantity

    @property
    def is_long(self) -> bool:
        return self._position.quantity > 0

    @property
    def is_short(self) -> bool:
        return self._position.quantity < 0

    @property
    def average_price(self) -> float:
        """Mean entry price of what is open, an estimate; NaN when flat."""
        return self._position.average_price

    @property
    def realised(self) -> Decimal:
        """Gross profit of everything closed so far, in the instrument's currency."""
        return self._position.realised

    def unrealised(self, price: Decimal) -> Decimal:
        """Profit of what is open at a price since it was opened, in the instrument's currency."""
        return self._position.open_profit(price)

    def __repr__(self) -> str:
        return f"<Position {self.quantity} {self.symbol}>"
