"""What a backtest is made of: everything that, with the data and the code, fixes its result."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

import msgspec

from quantloom.errors import Invalid
from quantloom.market import Instrument, exactly
from quantloom.simulation import AnySlippage, Slippage
from quantloom.strategy import AnySizing, EquityShare, Value
from quantloom.trading import CarryRates, Commission, Margin, RightsChoice, RoutingOptions

PARTICIPATION = Decimal("0.1")
"""The share of a bar's volume that orders may fill where a run does not say."""

MarginMode = Literal["cross", "isolated"]
"""Whether perpetual swaps share all cash, or each has margin of its own."""


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


# A weight of so many times what can be paid for was surely meant in percent.
_SLIP = 10


class BadRunSetting(Invalid):
    """A setting of a run outside what makes sense."""

    code = "backtest.bad_setting"

    def __init__(self, field: str, value: object, wanted: str) -> None:
        super().__init__(field, value, wanted)
        self.field, self.value, self.wanted = field, value, wanted

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; it must be {self.wanted}"


@dataclass(frozen=True, slots=True)
class RulesSetting:
    """That a run follows the market rule book.

    Attributes:
        version: of the book, overlays included.
        has_commission, has_margin: whether the run's own hold in place of the book's.
        margin_addon: what the broker adds to the book's margin ratios.
        fee_discount: share taken off crypto fees that are paid in the venue's own coin.
        margin_mode: whether swaps share all cash, or each has margin of its own.
        offsets: how a router splits orders on futures into what closes and what opens; None for
            what closes all it can, then opens.
    """

    version: str
    has_commission: bool = False
    has_margin: bool = False
    margin_addon: Decimal = Decimal(0)
    fee_discount: Decimal = Decimal(0)
    margin_mode: MarginMode = "cross"
    offsets: RoutingOptions | None = None

    def __post_init__(self) -> None:
        if self.margin_mode not in get_args(MarginMode):
            raise BadRunSetting("margin_mode", self.margin_mode, " or ".join(get_args(MarginMode)))
        if not 0 <= self.margin_addon < 1:
            wanted = "at or above 0 and below 1; 0.03 adds 3 % of a position's value"
            raise BadRunSetting("margin_addon", self.margin_addon, wanted)
        if not 0 <= self.fee_discount < 1:
            wanted = "at or above 0 and below 1; 0.25 takes a quarter off"
            raise BadRunSetting("fee_discount", self.fee_discount, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestSpec:
    """The whole of a run's settings.

    Attributes:
        strategy: what it was called: a short name, a file, a class.
        instruments: of any currencies; `timeframe` is that of the first one's bars.
        parameters: checked values of every parameter.
        start, end: start <= open time < end, aware; None for all there is.
        cash: initial cash in the account's currency.
        currency: the account's; the first instrument's where none is given.
        margin: share of a position's value that equity must cover.
        sizing: quantity of an entry whose strategy names none.
        participation: share of a bar's volume that orders may fill together; None for no cap.
        latency: bars that go by before an order or a cancel arrives.
        seed: starts `ctx.random`.
        state: what an earlier run saved, for the strategy to take up.
        rules: the market rule book that the run follows; None for the same terms every day.
        carry: interest on cash and on what was borrowed.
        fx_cost: share of what is exchanged between currencies that it costs.
        rights: what the account does with those of its shares.
    """

    strategy: str
    instruments: tuple[Instrument, ...]
    timeframe: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    cash: Decimal = Decimal(100_000)
    commission: Commission = Commission()
    margin: Margin = Margin()
    slippage: AnySlippage = Slippage()
    sizing: AnySizing = EquityShare()
    participation: Decimal | None = PARTICIPATION
    latency: int = 0
    seed: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    rules: RulesSetting | None = None
    carry: CarryRates = field(default_factory=CarryRates)
    currency: str = ""
    fx_cost: Decimal = Decimal(0)
    rights: RightsChoice = RightsChoice.TAKE

    def __post_init__(self) -> None:
        if not self.cash > 0:
            raise BadCash(self.cash)
        seed: object = self.seed  # whatever its annotation says
        if not isinstance(seed, int) or seed < 0:
            raise BadSeed(self.seed)
        if self.participation is not None and not 0 < self.participation <= 1:
            raise BadRunSetting(
                "participation", self.participation, "above 0 and at most 1, or None"
            )
        latency: object = self.latency
        if not isinstance(latency, int) or latency < 0:
            raise BadRunSetting("latency", self.latency, "a whole number of bars, 0 or more")
        if not self.instruments:
            raise BadRunSetting("data", "empty", "bars of one instrument at least")
        if isinstance(self.sizing, EquityShare):
            _check_weight(self.sizing.weight, self.margin)
        if not 0 <= self.fx_cost < 1:
            wanted = "0 or more and below 1; a share, 0.0001 for a basis point"
            raise BadRunSetting("fx_cost", self.fx_cost, wanted)
        if not self.currency:
            object.__setattr__(self, "currency", self.instrument.currency)

    @property
    def instrument(self) -> Instrument:
        """The first instrument: the run's only one in most cases."""
        return self.instruments[0]

    @property
    def is_exchanging(self) -> bool:
        """Whether an instrument is of another currency than the account."""
        return any(one.currency != self.currency for one in self.instruments)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of all instruments."""
        return tuple(instrument.symbol for instrument in self.instruments)

    def digest(self) -> str:
        """SHA-256 of the settings; equal settings, equal digest."""
        plain = msgspec.to_builtins(self, builtin_types=(Decimal,), order="deterministic")
        return hashlib.sha256(repr(_normal(plain)).encode()).hexdigest()


def _check_weight(weight: Decimal, margin: Margin) -> None:
    """Refuse a weight far beyond what the margin carries."""
    most = _SLIP / min(margin.long, margin.short)
    if weight >= most:
        raise BadRunSetting("weight", weight, f"below {most:.4g}; a share of equity, 0.95 for 95 %")


def _normal(value: object) -> object:
    """Spell equal numbers alike: 100000, 100000.0 and 1E+5 are one amount."""
    if isinstance(value, dict):
        return {key: _normal(held) for key, held in value.items()}
    if isinstance(value, Decimal):
        with exactly():
            return str(value.normalize())
    return value
