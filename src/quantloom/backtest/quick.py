"""A run by the compiled core alone: floats, for research that looks at many of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from quantloom.backtest import compiled
from quantloom.backtest.analysis import TripColumns, daily_table, excursions_of
from quantloom.backtest.core import gap_of, market_of
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.executors import Engine, QuickWay, quick_way
from quantloom.backtest.facade import backtest
from quantloom.backtest.kernels import layout
from quantloom.backtest.preparing import Prepared, RunSettings, prepare
from quantloom.backtest.ready import Ready, make_ready
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.run import run_backtest
from quantloom.backtest.signalled import signals_of
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.backtest.vectorised import follow
from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray, IntArray
from quantloom.market import Bars, get_calendar
from quantloom.performance import Summary, summarise
from quantloom.strategy import Signals, Strategy, Value

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData

_CAUSES = np.array(["market", "limit", "stop", "stop_limit", "trailing_stop"], dtype=object)
_PARTS = np.array(["", "stop_loss", "take_profit"], dtype=object)


class NeedsEventEngine(Invalid):
    """A run with something that the compiled core does not know."""

    code = "backtest.needs_event_engine"

    def __init__(self, gap: str) -> None:
        super().__init__(gap)
        self.gap = gap

    def __str__(self) -> str:
        return f"the compiled core does not know {self.gap}; run it with backtest()"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class QuickRun:
    """What the core has made of a run, in floats.

    Attributes:
        spec: the settings. bars: those of the run. days: trading day of each of them.
        accounts: cash, quantity and cost before the first fill and after each, by name. spans: for
            how many bars each of them stood.
        fills: rows of the bars, side (1 or -1), quantity, price, commission and slippage, by name.
        trips: closed round trips, as the measures read them.
        doubts: decisions that hung on the rounding of a float, which `result` would look into.
        result: makes the exact result, with every table.
    """

    spec: BacktestSpec
    bars: Bars
    days: DayArray
    accounts: Mapping[str, FloatArray]
    spans: IntArray
    fills: dict[str, Any]
    trips: TripColumns
    doubts: int
    result: Callable[[], BacktestResult]

    @cached_property
    def cash(self) -> FloatArray:
        """(n,) after each bar."""
        return np.repeat(self.accounts["cash"], self.spans)

    @cached_property
    def quantity(self) -> FloatArray:
        """(n,) held after each bar, below zero where short."""
        return np.repeat(self.accounts["quantity"], self.spans)

    @cached_property
    def cost(self) -> FloatArray:
        """(n,) what is held after each bar, at entry prices."""
        return np.repeat(self.accounts["cost"], self.spans)

    @cached_property
    def equity(self) -> FloatArray:
        """(n,) marked at each close."""
        equity = self.quantity * self.bars.close
        if self.spec.instrument.is_margined:
            equity -= self.cost
        equity *= float(self.spec.instrument.multiplier)
        equity += self.cash
        return equity

    @cached_property
    def metrics(self) -> Summary:
        """Every measure that needs no benchmark, as of a result."""
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
            excursions=excursions_of(self.trips, {self.bars.symbol: self.bars}, {}),
        )

    @cached_property
    def daily(self) -> Table:
        """Equity, return and drawdown of each trading day, as of a result."""
        return daily_table(self.equity, self.days, float(self.spec.cash), None)

    def __repr__(self) -> str:
        return (
            f"<QuickRun {self.spec.strategy} on {self.bars.symbol}: {len(self.trips.pnl)} "
            f"round trips, final equity {self.equity[-1]:.2f}>"
        )


def run_quick(strategy: type[Strategy] | str, data: "AnyData", **settings: Any) -> QuickRun:
    """Run signals, or a `@compiled` callback, on one instrument, without exact books.

    Args:
        settings: as `backtest` takes them.
    Raises:
        NeedsEventEngine: the run has something that the core does not know, callbacks in Python
            among them.
        NotCompilable: the strategy is marked `@compiled` and uses what compiled code does not know.
    """
    prepared = prepare(strategy, data, RunSettings(**settings))
    way = quick_way(prepared.strategy)
    if way is None:
        raise NeedsEventEngine(f"the Python callbacks of {prepared.strategy.__name__}")

    def result() -> BacktestResult:
        return backtest(strategy, data, engine=_ENGINES[way], **settings)

    return replace(QuickRunner(prepared, way).run(prepared.spec.parameters), result=result)


_ENGINES: Mapping[QuickWay, Engine] = {"signals": "vectorised", "compiled": "compiled"}


class QuickRunner:
    """Runs one strategy on one run's bars in the core, with one set of parameters or many.

    What the sets share is made ready once.
    """

    def __init__(self, prepared: Prepared, way: QuickWay, warm_up: int = 0) -> None:
        """Take a run whose strategy has what the way goes by.

        Args:
            warm_up: bars that are seen before the first order, at least.
        """
        self.prepared, self.way, self.warm_up = prepared, way, warm_up
        self._shared: _Shared | None = None

    def run(self, values: Mapping[str, Value]) -> QuickRun:
        """Run one set of parameters.

        Raises:
            NeedsEventEngine: the run has something that the core does not know.
            NotCompilable: compiled code does not know what the callback uses.
            QuantloomError: whatever `backtest` raises of the set.
        """
        given = self.prepared
        ready = make_ready(
            replace(given.spec, parameters=values),
            given.strategy,
            given.bars,
            detail=given.detail,
            rules=given.rules,
            facts=given.facts,
            warm_up=self.warm_up,
        )
        shared = self._shared_by(ready)
        run = shared.drive(ready) if self.way == "compiled" else shared.follow(ready)
        if run is None:
            raise NeedsEventEngine("what happens in this run")
        return _gather(shared.desk, ready.spec, run, partial(self._result, ready.spec))

    def _shared_by(self, ready: Ready) -> "_Shared":
        warm_up = ready.ground.warm_up
        if self._shared is None or self._shared.warm_up != warm_up:
            self._shared = _Shared(warm_up, ready.make_desk())
        return self._shared

    def _result(self, spec: BacktestSpec) -> BacktestResult:
        given = self.prepared
        return run_backtest(
            spec,
            given.strategy,
            given.bars,
            detail=given.detail,
            benchmark=given.benchmark,
            rules=given.rules,
            facts=given.facts,
            warm_up=self.warm_up,
            engine=_ENGINES[self.way],
        )


@dataclass(slots=True)
class _Shared:
    """What sets of one warm-up share: the bars as strategies see them, and as the core does."""

    warm_up: int
    desk: BarDesk
    is_used: bool = False
    market: layout.Market | None = None

    def follow(self, ready: Ready) -> layout.Run | None:
        """Follow the signals of a set; None where they need more room than the core has."""
        signals = next(iter(signals_of(ready.running, self.desk).values()))
        market = self._market(ready.spec, signals)
        return follow(self.desk, ready.spec, signals, keeps_orders=False, market=market)

    def drive(self, ready: Ready) -> layout.Run | None:
        """Call the compiled callback of a set; None where it does what the core does not know."""
        market = self._market(ready.spec, None)
        # A callback puts lines and triggers on its desk, so that each set needs one of its own.
        desk = ready.make_desk() if self.is_used else self.desk
        self.is_used = True
        return compiled.run_in_floats(ready.running, desk, ready.spec, market=market)

    def _market(self, spec: BacktestSpec, signals: Signals | None) -> layout.Market:
        gap = gap_of(self.desk, spec, signals)
        if gap:
            raise NeedsEventEngine(gap)
        self.market = self.market or market_of(self.desk, spec)
        return self.market


def _gather(
    desk: BarDesk, spec: BacktestSpec, run: layout.Run, result: Callable[[], BacktestResult]
) -> QuickRun:
    feed, first = next(iter(desk.feeds.values())), desk.first_step
    fills = run.fills[: run.logs["fills"][0]]
    tick, lot = float(spec.instrument.tick_size), float(spec.instrument.lot)
    edges = np.concatenate([[first], np.maximum(fills["row"], first), [len(feed.bars)]])
    price, quantity = _prices(fills["ticks"], spec), fills["lots"] * lot
    return QuickRun(
        spec=spec,
        bars=feed.bars[first:],
        days=feed.days[first:],
        accounts={
            "cash": np.append(float(spec.cash), fills["cash"]),
            "quantity": np.append(0.0, fills["position"] * lot),
            "cost": np.append(0.0, fills["cost"] * (lot * tick)),
        },
        spans=np.diff(edges),
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
