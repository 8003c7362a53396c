"""What a preset needs of its run before the first bar."""

from collections.abc import Iterable

from quantloom.errors import Invalid
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context


class InstrumentsNeeded(Invalid):
    """A strategy on several instruments was given too few or too many."""

    code = "strategy.instruments_needed"

    def __init__(self, strategy: str, wanted: str, symbols: tuple[str, ...]) -> None:
        super().__init__(strategy, wanted, symbols)
        self.strategy, self.wanted, self.symbols = strategy, wanted, symbols

    def __str__(self) -> str:
        return (
            f"{self.strategy} trades {self.wanted} instruments and the run holds "
            f"{len(self.symbols)}: {', '.join(self.symbols)}; "
            "give backtest() a mapping from symbol to bars"
        )


def need_several(
    strategy: Strategy, symbols: Iterable[str], *, most: int | None = None
) -> tuple[str, ...]:
    """The symbols of the run, in its order; at least two, and at most `most`.

    Raises:
        InstrumentsNeeded: there are fewer or more.
    """
    listed = tuple(symbols)
    if len(listed) < 2 or (most is not None and len(listed) > most):
        wanted = str(most) if most is not None else "2 or more"
        raise InstrumentsNeeded(type(strategy).__name__, wanted, listed)
    return listed


def need_short(strategy: Strategy, ctx: Context, parameter: str = "both_sides") -> None:
    """Make sure that every instrument of the run can be sold short.

    Raises:
        BadParameter: one cannot, and the parameter would have it sold short.
    """
    for symbol in ctx.portfolio:
        if not ctx.instrument(symbol).can_short:
            raise strategy.refuse(parameter, f"would sell {symbol} short, which is not possible")
