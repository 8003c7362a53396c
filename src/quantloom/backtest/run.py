"""From a spec, a strategy and bars to a result."""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import Progress, run_event
from quantloom.backtest.result import BacktestResult, Hashes, tables_digest
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars, exact, exactly
from quantloom.performance import Summary, summarise
from quantloom.strategy import Strategy, code_digest
from quantloom.version import VERSION


class NotAStrategy(Invalid):
    """Something else than a working subclass of Strategy."""

    code = "backtest.not_a_strategy"

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return f"{self.given} is no strategy; pass a class that extends Strategy, or its name"


class OtherInstrument(Invalid):
    """Bars of one symbol with the instrument of another."""

    code = "backtest.other_instrument"

    def __init__(self, symbol: str, instrument: str) -> None:
        super().__init__(symbol, instrument)
        self.symbol, self.instrument = symbol, instrument

    def __str__(self) -> str:
        return f"the bars are of {self.symbol}, the instrument is {self.instrument}; make them one"


def run_backtest(
    spec: BacktestSpec,
    strategy: type[Strategy],
    bars: Bars,
    progress: Progress | None = None,
) -> BacktestResult:
    """Run a strategy over bars as a spec says.

    Args:
        bars: of the spec's instrument; its span is cut out of them.
        progress: called with bars done and bars in all; raising stops the run.
    Raises:
        OtherInstrument: the bars are not the instrument's.
        NotAStrategy: the class does not extend Strategy.
        EmptyRange: no bars in the span.
        BadParameter: a value out of bounds.
        StrategyFailed: a callback of the strategy raised.
    """
    if bars.symbol != spec.instrument.symbol:
        raise OtherInstrument(bars.symbol, spec.instrument.symbol)
    bars = bars.between(spec.start, spec.end)
    given: object = strategy  # whatever its annotation says
    if not (isinstance(given, type) and issubclass(given, Strategy)):
        raise NotAStrategy(repr(strategy))
    running = strategy(**spec.parameters)
    if not hasattr(running, "values"):
        raise NotAStrategy(f"{strategy.__name__}, whose __init__ leaves super().__init__ out,")
    spec = replace(spec, parameters=running.values)
    desk = BarDesk(spec, bars)
    run_event(running, desk, progress)
    return _result(spec, strategy, desk)


@dataclass(frozen=True, slots=True)
class _Trips:
    pnl: FloatArray
    entry_ns: IntArray
    exit_ns: IntArray


def _result(spec: BacktestSpec, strategy: type[Strategy], desk: BarDesk) -> BacktestResult:
    tables = {
        "orders": _orders(desk),
        "fills": _fills(desk),
        "round_trips": _round_trips(desk),
        "positions": _positions(desk),
        "equity": _equity(desk),
    }
    with exactly():
        final_equity = desk.ledger.equity(desk.instrument, _last_close(desk))
    hashes = Hashes(
        data=desk.bars.digest(),
        code=code_digest(strategy),
        spec=spec.digest(),
        seed=spec.seed,
        engine=VERSION,
        result=tables_digest(tables),
    )
    return BacktestResult(
        spec=spec,
        bars=desk.bars,
        **tables,
        final_cash=desk.ledger.cash,
        final_equity=final_equity,
        metrics=_metrics(spec, desk, tables),
        hashes=hashes,
        log=tuple(desk.log_lines),
    )


def _orders(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.orders,
        id="ticket.id",
        submitted_ns="ticket.submitted_ns",
        updated_ns="updated_ns",
        side="ticket.side",
        kind="ticket.kind",
        quantity="ticket.quantity",
        price="ticket.price",
        status="status",
        filled="filled",
        rule="rule",
        reason="reason",
        tag="ticket.tag",
    )


def _fills(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.fills,
        id="id",
        order_id="order_id",
        ts_ns="ts_ns",
        side="side",
        quantity="quantity",
        price="price",
        commission="commission",
        slippage="slippage",
        tag="tag",
    )


def _round_trips(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.trips,
        side="side",
        quantity="quantity",
        entry_ns="entry_ns",
        entry_price="entry_price",
        exit_ns="exit_ns",
        exit_price="exit_price",
        gross="gross",
        commission="commission",
        slippage="slippage",
        pnl="pnl",
        tag="tag",
    )


@dataclass(frozen=True, slots=True)
class _Open:
    symbol: str
    quantity: Decimal
    average_price: float
    unrealised: Decimal


def _positions(desk: BarDesk) -> Table:
    position = desk.ledger.position(desk.instrument)
    with exactly():
        unrealised = position.unrealised(_last_close(desk))
    held = _Open(position.symbol, position.quantity, position.average_price, unrealised)
    return Table.of_rows(
        [] if position.is_flat else [held],
        symbol="symbol",
        quantity="quantity",
        average_price="average_price",
        unrealised="unrealised",
    )


def _equity(desk: BarDesk) -> Table:
    """Mark the account at every close: between two fills only the price moves."""
    spans = np.diff([0, *desk.fill_rows, len(desk.bars)])
    cash = np.repeat([float(desk.ledger.initial), *desk.cash_after], spans)
    quantity = np.repeat([0.0, *desk.quantity_after], spans)
    cost = np.repeat([0.0, *desk.cost_after], spans)
    multiplier = float(desk.instrument.multiplier)
    equity = cash + (quantity * desk.bars.close - cost) * multiplier
    return Table(
        {
            "ts_ns": desk.bars.ts,
            "equity": equity,
            "cash": cash,
            "quantity": quantity,
        }
    )


def _metrics(spec: BacktestSpec, desk: BarDesk, tables: dict[str, Table]) -> Summary:
    fills, trips = tables["fills"], tables["round_trips"]
    notional = fills.floats("quantity") * fills.floats("price") * float(desk.instrument.multiplier)
    return summarise(
        equity=tables["equity"]["equity"],
        initial=float(spec.cash),
        days=desk.days,
        periods_per_year=desk.calendar.periods_per_year,
        quantity=tables["equity"]["quantity"],
        round_trips=_Trips(
            trips.floats("pnl"),
            trips["entry_ns"].astype(np.int64),
            trips["exit_ns"].astype(np.int64),
        ),
        traded_notional=float(notional.sum()),
        commission=float(fills.floats("commission").sum()),
        slippage=float(fills.floats("slippage").sum()),
    )


def _last_close(desk: BarDesk) -> Decimal:
    return exact(float(desk.bars.close[-1]))
