"""What every provider of market data offers, and the rows it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from quantloom.market import Bars, Factors, Kind, Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a provider can be asked for; anything else raises `NotSupported`.

    Attributes:
        timeframes: of bars, shortest first; empty where it takes any.
        venues: whose symbols it knows; empty where it takes any.
        lists, adjusts, has_calendar, has_snapshot: whether `list_instruments`, `adj_factors`,
            `calendar` and `snapshot` answer.
        needs_token: whether it must be given one.
        runs_vendor_code: whether it runs a vendor's package, in a process of its own.
    """

    timeframes: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    lists: bool = False
    adjusts: bool = False
    has_calendar: bool = False
    has_snapshot: bool = False
    needs_token: bool = False
    runs_vendor_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An instrument as a provider lists it.

    Attributes:
        symbol: canonical, `code.VENUE`.
        listed_on, delisted_on: first and last trading day, where the provider says.
    """

    symbol: str
    name: str
    kind: Kind
    listed_on: date | None = None
    delisted_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The market of one instrument at a moment; NaN where the provider says nothing.

    Attributes:
        at: when it was asked.
        volume: shares, contracts or coins of the day so far.
        turnover: of the day so far, in the instrument's currency.
    """

    symbol: str
    at: datetime
    last: float
    open: float
    high: float
    low: float
    previous_close: float
    volume: float
    turnover: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedBars:
    """Bars as a provider gave them, put into the units and labels of everything here.

    Attributes:
        bars: raw prices, labelled by their open in UTC, volume in shares, contracts or coins.
        function: what was asked, in the vendor's words.
        fetched_at: when.
        dropped: problem and number of rows left out for it.
        notes: what was assumed, undone or missing, one sentence each.
    """

    bars: Bars
    provider: str
    function: str
    fetched_at: datetime
    dropped: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def dropped_rows(self) -> int:
        return sum(count for _, count in self.dropped)


class Provider(Protocol):
    """A source of market data.

    Every method may raise ProviderUnavailable, ProviderRateLimited and ProviderBadData, and
    NotSupported for what `abilities` does not name.
    """

    @property
    def name(self) -> str: ...

    @property
    def abilities(self) -> Abilities: ...

    def list_instruments(self) -> tuple[Listed, ...]:
        """List what the provider knows, by symbol."""
        ...

    def bars(
        self, symbol: str, timeframe: Timeframe | str, start: datetime, end: datetime
    ) -> ProvidedBars:
        """Give the raw bars with start <= open time < end that are over.

        Raises:
            SymbolNotFound: the provider does not know the symbol.
            NothingSoEarly: its bars begin later, as its answer shows.
            ProviderBadData: also where the answer is empty although the market was open.
            EmptyRange: the market was closed all the time.
        """
        ...

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        """Give the backward factors in force from `start` to `end`, both included."""
        ...

    def calendar(self, venue: str, start: date, end: date) -> tuple[date, ...]:
        """List a venue's trading days from `start` to `end`, both included."""
        ...

    def snapshot(self, symbols: Sequence[str]) -> tuple[Quote, ...]:
        """Give the market of each symbol as it is now, in the order asked."""
        ...

    def close(self) -> None:
        """End what the provider started, such as its process; it may be asked again."""
        ...
