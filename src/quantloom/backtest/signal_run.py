"""A run by the compiled core alone: floats, for research that looks at many of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from quantloom.backtest.analysis import TripColumns
from quantloom.backtest.core import gap_of
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.executors import NoSignals
from quantloom.backtest.facade import backtest
from quantloom.backtest.kernels import layout
from quantloom.backtest.preparing import RunSettings, prepare
from quantloom.backtest.ready import make_ready
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.signalled import signals_of
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.vectorised import follow
from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray
from quantloom.market import Bars, get_calendar
from quantloom.performance import Summary, summarise
from quantloom.strategy import Strategy, offers_signals

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData

_CAUSES = np.array(["market", "limit", "stop", "stop_limit", "trailing_stop"], dtype=object)
_PARTS = np.array(["", "stop_loss", "take_profit"], dtype=object)


class NotVectorised(Invalid):
    """A run that the compiled core does not know all of."""

    code = "backtest.not_vectorised"

    def __init__(self, gap: str) -> None:
        super().__init__(gap)
        self.gap = gap

    def __str__(self) -> str:
        return f"the compiled core does not know {self.gap}; run it with backtest()"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SignalRun:
    """What the core has made of signals, in floats.

    Attributes:
        spec: the settings. bars: those of the run. days: trading day of each of them.
        cash, quantity, cost: (n,) the account after each bar; cost is what is held at entry prices.
        fills: rows of the bars, side (1 or -1), quantity, price, commission and slippage, by name.
        trips: closed round trips, as the measures read them.
        doubts: decisions that hung on the rounding of a float, which `result` would look into.
        result: makes the exact result, with every table.
    """

    spec: BacktestSpec
    bars: Bars
    days: DayArray
    cash: FloatArray
    quantity: FloatArray
    cost: FloatArray
    fills: dict[str, Any]
    trips: TripColumns
    doubts: int
    result: Callable[[], BacktestResult]

    @cached_property
    def equity(self) -> FloatArray:
        """(n,) marked at each close."""
        held = self.quantity * self.bars.close
        if self.spec.instrument.is_margined:
            held = held - self.cost
        return self.cash + held * float(self.spec.instrument.multiplier)

    @cached_property
    def metrics(self) -> Summary:
        """Every measure but those of excursions, as of a result."""
        fills, multiplier = self.fills, float(self.spec.instrument.multiplier)
        return summarise(
            equity=self.equity,
            initial=float(self.spec.cash),
            days=self.days,
            periods_per_year=get_calendar(self.spec.instrument.calendar).periods_per_year,
            quantity=self.quantity,
            round_trips=self.trips,
            traded_notional=float(np.dot(fills["quantity"], fills["price"])) * multiplier,
            commission=float(fills["commission"].sum()),
            slippage=float(fills["slippage"].sum()),
        )

    def __repr__(self) -> str:
        return (
            f"<SignalRun {self.spec.strategy} on {self.bars.symbol}: {len(self.trips.pnl)} "
            f"round trips, final equity {self.equity[-1]:.2f}>"
        )


def run_signals(strategy: type[Strategy] | str, data: "AnyData", **settings: Any) -> SignalRun:
    """Follow the signals of a strategy on one instrument, without exact books.

    Args:
        settings: as `backtest` takes them.
    Raises:
        NoSignals: the strategy has none.
        NotVectorised: the run has something that the core does not know.
    """
    prepared = prepare(strategy, data, RunSettings(**settings))
    if not offers_signals(prepared.strategy):
        raise NoSignals(prepared.strategy.__name__)
    ready = make_ready(
        prepared.spec,
        prepared.strategy,
        prepared.bars,
        detail=prepared.detail,
        rules=prepared.rules,
        facts=prepared.facts,
    )
    desk = ready.make_desk()
    signals = next(iter(signals_of(ready.running, desk).values()))
    run = None
    gap = gap_of(desk, ready.spec, signals)
    if not gap:
        run = follow(desk, ready.spec, signals, keeps_orders=False)
    if run is None:
        raise NotVectorised(gap or "so many orders and lots at a time")

    def result() -> BacktestResult:
        return backtest(strategy, data, engine="vectorised", **settings)

    return _gather(desk, ready.spec, run, result)


def _gather(
    desk: BarDesk, spec: BacktestSpec, run: layout.Run, result: Callable[[], BacktestResult]
) -> SignalRun:
    feed, first = next(iter(desk.feeds.values())), desk.first_step
    fills = run.fills[: run.logs["fills"][0]]
    tick, lot = float(spec.instrument.tick_size), float(spec.instrument.lot)
    count = len(feed.bars)

    def unroll(values: FloatArray, before: float) -> FloatArray:
        spans = np.diff(np.concatenate([[0], fills["row"], [count]]))
        return np.repeat(np.concatenate([[before], values]), spans)[first:]

    price, quantity = _prices(fills["ticks"], spec), fills["lots"] * lot
    return SignalRun(
        spec=spec,
        bars=feed.bars[first:],
        days=feed.days[first:],
        cash=unroll(fills["cash"], float(spec.cash)),
        quantity=unroll(fills["position"] * lot, 0.0),
        cost=unroll(fills["cost"] * (lot * tick), 0.0),
        fills={
            "row": fills["row"] - first,
            "side": fills["sign"],
            "quantity": quantity,
            "price": price,
            "commission": fills["commission"],
            "slippage": np.abs(price - fills["met"])
            * (quantity * float(spec.instrument.multiplier)),
        },
        trips=_trips(run.trips[: run.logs["trips"][0]], spec, feed.bars),
        doubts=int(run.state["doubts"][0]),
        result=result,
    )


def _trips(trips: layout.Records, spec: BacktestSpec, bars: Bars) -> TripColumns:
    instrument, count = spec.instrument, len(trips)
    lot = float(instrument.lot)
    is_half = trips["part"] > 0
    return TripColumns(
        symbol=np.full(count, instrument.symbol, dtype=object),
        side=np.where(trips["sign"] > 0, "buy", "sell").astype(object),
        quantity=trips["lots"] * lot,
        multiplier=np.full(count, float(instrument.multiplier)),
        is_inverse=np.zeros(count, dtype=np.bool_),
        entry_ns=bars.ts[trips["entry"]],
        entry_price=_prices(trips["entry_ticks"], spec),
        exit_ns=bars.ts[trips["exit"]],
        exit_price=_prices(trips["exit_ticks"], spec),
        pnl=trips["pnl"],
        exit_reason=np.where(is_half, _PARTS[trips["part"]], _CAUSES[trips["cause"]]),
        tag=np.full(count, "", dtype=object),
    )


def _prices(ticks: FloatArray, spec: BacktestSpec) -> FloatArray:
    """Prices of whole ticks, each the float64 nearest to it as bars have them."""
    top, bottom = spec.instrument.tick_size.as_integer_ratio()
    return ticks * float(top) / float(bottom)
