"""What a backtest is made of: everything that, with the data and the code, fixes its result."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from quantloom.errors import Invalid
from quantloom.market import Instrument, exactly
from quantloom.simulation import Slippage
from quantloom.strategy import EquityShare, FixedSize, Value
from quantloom.trading import Commission, Margin


class BadCash(Invalid):
    """A run that would start without money."""

    code = "backtest.bad_cash"

    def __init__(self, cash: Decimal) -> None:
        super().__init__(cash)
        self.cash = cash

    def __str__(self) -> str:
        return f"initial cash is {self.cash}; it must be above zero"


class BadSeed(Invalid):
    """A seed that is no whole number at or above zero."""

    code = "backtest.bad_seed"

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.seed = seed

    def __str__(self) -> str:
        return f"seed is {self.seed!r}; it must be a whole number, zero or above"


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestSpec:
    """The whole of a run's settings.

    Attributes:
        strategy: what it was called: a short name, a file, a class.
        parameters: checked values of every parameter.
        start, end: start <= open time < end, aware; None for all there is.
        cash: initial cash in the instrument's currency.
        margin: share of a position's value that equity must cover.
        sizing: quantity of an entry whose strategy names none.
        seed: starts `ctx.random`.
    """

    strategy: str
    instrument: Instrument
    timeframe: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    cash: Decimal = Decimal(100_000)
    commission: Commission = Commission()
    margin: Margin = Margin()
    slippage: Slippage = Slippage()
    sizing: FixedSize | EquityShare = EquityShare()
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.cash > 0:
            raise BadCash(self.cash)
        seed: object = self.seed  # whatever its annotation says
        if not isinstance(seed, int) or seed < 0:
            raise BadSeed(self.seed)

    def digest(self) -> str:
        """SHA-256 of the settings; equal settings, equal digest."""
        plain = msgspec.to_builtins(self, builtin_types=(Decimal,), order="deterministic")
        return hashlib.sha256(repr(_normal(plain)).encode()).hexdigest()


def _normal(value: object) -> object:
    """Spell equal numbers alike: 100000, 100000.0 and 1E+5 are one amount."""
    if isinstance(value, dict):
        return {key: _normal(held) for key, held in value.items()}
    if isinstance(value, Decimal):
        with exactly():
            return str(value.normalize())
    return value
