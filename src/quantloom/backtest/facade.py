"""One call for notebooks and scripts: a strategy, some data, a result."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from quantloom.backtest.event import Progress
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.run import run_backtest
from quantloom.backtest.spec import BacktestSpec
from quantloom.data import read_bars
from quantloom.errors import Invalid
from quantloom.market import Bars, Instrument, Number, assume_instrument, exact
from quantloom.simulation import Slippage
from quantloom.strategy import EquityShare, FixedSize, Strategy, Value, load_strategy
from quantloom.trading import Commission, Margin

if TYPE_CHECKING:
    from pandas import DataFrame


class OneSizing(Invalid):
    """Both a size and a weight were given."""

    code = "backtest.one_sizing"

    def __init__(self, size: Number, weight: Number) -> None:
        super().__init__(size, weight)
        self.size, self.weight = size, weight

    def __str__(self) -> str:
        return f"give size={self.size} or weight={self.weight}, not both"


class BadMoment(Invalid):
    """A start or end that is no date."""

    code = "backtest.bad_moment"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is no date or time; write 2024-01-31 or 2024-01-31T09:30"


def backtest(
    strategy: type[Strategy] | str,
    data: "Bars | DataFrame | str | Path",
    *,
    parameters: Mapping[str, Value] | None = None,
    symbol: str = "DATA.LOCAL",
    instrument: Instrument | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    cash: Number = 100_000,
    commission: Commission | Number = 0,
    margin: Margin | Number = 1,
    slippage: Slippage | Number = 0,
    size: Number | None = None,
    weight: Number | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> BacktestResult:
    """Backtest a strategy.

    ```python
    result = backtest("sma-cross", "AAPL.csv", parameters={"fast": 10}, size=1, commission=0.001)
    ```

    Args:
        strategy: a class, or what `load_strategy` understands.
        data: bars, a pandas frame of them, or a CSV or Parquet file.
        symbol: what a frame's bars are called where no instrument says it.
        instrument: tick, lot, multiplier; assumed from symbol and prices where not given.
        start, end: start <= open time < end; without a zone UTC is meant.
        commission: a scheme, or a share of traded money on both sides (0.001 is 0.1 %).
        margin: ratios, or one for both sides; 1 needs the full value.
        slippage: a model, or ticks against every market and stop order.
        size, weight: quantity of each entry, or its share of equity (0.95 if neither is given).
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    bars = _bars(data, instrument, symbol)
    loaded = load_strategy(strategy) if isinstance(strategy, str) else strategy
    spec = BacktestSpec(
        strategy=strategy if isinstance(strategy, str) else getattr(strategy, "__name__", ""),
        instrument=instrument or assume_instrument(bars),
        timeframe=str(bars.timeframe),
        parameters=parameters or {},
        start=_moment(start),
        end=_moment(end),
        cash=exact(cash),
        commission=_commission(commission),
        margin=margin if isinstance(margin, Margin) else Margin.ratio(margin),
        slippage=slippage if isinstance(slippage, Slippage) else Slippage.of(ticks=slippage),
        sizing=_sizing(size, weight),
        seed=seed,
    )
    return run_backtest(spec, loaded, bars, progress)


def _sizing(size: Number | None, weight: Number | None) -> FixedSize | EquityShare:
    """A fixed size or a share of equity; the default share where neither is given.

    Raises:
        OneSizing: both are given.
    """
    if size is not None and weight is not None:
        raise OneSizing(size, weight)
    if size is not None:
        return FixedSize.of(size)
    return EquityShare() if weight is None else EquityShare.of(weight)


def _moment(value: str | date | None) -> datetime | None:
    """Read a date or a time; UTC where it names no zone.

    Raises:
        BadMoment: the text is neither.
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = _read_moment(value)
    if not isinstance(value, date):
        raise BadMoment(repr(value))
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _read_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadMoment(text) from None


def _bars(
    data: "Bars | DataFrame | str | Path", instrument: Instrument | None, symbol: str
) -> Bars:
    if isinstance(data, Bars):
        return data
    if isinstance(data, str | Path):
        return read_bars(Path(data), symbol=instrument.symbol if instrument else None).bars
    return Bars.from_frame(data, instrument.symbol if instrument else symbol)


def _commission(value: Commission | Number) -> Commission:
    return value if isinstance(value, Commission) else Commission.percent(value)
