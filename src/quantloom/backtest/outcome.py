"""What a run left on its desk, in tables and measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import numpy as np

from quantloom.backtest.analysis import Benchmark, Splits, TripColumns, excursions_of, notionals
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.distributions import ActionUse
from quantloom.backtest.feed import Feed
from quantloom.backtest.hashes import Hashes
from quantloom.backtest.record import unroll
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.kit import DayArray, FloatArray
from quantloom.market import Bars, exact, exactly, get_calendar, trading_days_of
from quantloom.performance import Summary, align_benchmark, summarise
from quantloom.strategy import Strategy, code_digest
from quantloom.trading import Position
from quantloom.version import VERSION


def make_result(
    spec: BacktestSpec,
    strategy: type[Strategy],
    desk: BarDesk,
    *,
    state: Mapping[str, Any],
    benchmark: Bars | None = None,
    executor: str = "event",
) -> BacktestResult:
    """Gather what a finished run is kept as.

    Args:
        executor: who has made it.
    """
    record = desk.record
    tables: dict[str, Any] = {
        "orders": _orders(desk),
        "fills": _of_contracts(_fills(desk), record.contracts, desk),
        "round_trips": _of_contracts(_round_trips(desk), record.trip_contracts, desk),
        "positions": _of_contracts(_positions(desk), _held_contracts(desk), desk),
        "payments": _payments(desk),
        "equity": _equity(desk),
    }
    with exactly():
        final_equity = sum(
            (
                desk.ledger.value(instrument, _last_close(desk.feeds[symbol]))
                for symbol, (instrument, _) in desk.ledger.held.items()
            ),
            desk.ledger.cash + desk.ledger.receivable,
        )
    bars = {symbol: _of_run(feed, desk) for symbol, feed in desk.feeds.items()}
    actions = ActionUse.of(desk.feeds.values(), is_ruled=desk.regime is not None)
    hashes = Hashes(
        code=code_digest(strategy),
        spec=spec.digest(),
        seed=spec.seed,
        engine=VERSION,
        rules="" if spec.rules is None else spec.rules.version,
        facts=desk.facts.digest(),
    )
    days = desk.timeline.days[desk.first_step :].view("datetime64[D]")
    compared = None if benchmark is None else _compared(benchmark, spec, days)
    return BacktestResult(
        spec=spec,
        data=bars,
        **cast("Any", tables),
        final_cash=desk.ledger.cash,
        final_equity=final_equity,
        metrics=_metrics(spec, tables, bars, splits=actions.splits, days=days, benchmark=compared),
        known_hashes=hashes,
        days=days,
        benchmark=compared,
        state=state,
        log=tuple(desk.log_lines),
        rules=None if desk.regime is None else desk.regime.use(),
        actions=actions,
        trials=None,
        executor=executor,
    )


def _of_run(feed: Feed, desk: BarDesk) -> Bars:
    """The bars without those of the warm-up."""
    if not desk.first_step:
        return feed.bars
    place = [*desk.feeds].index(feed.symbol)
    before = int(desk.timeline.rows[desk.first_step - 1, place])
    return feed.bars[before + 1 :]


def _orders(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.orders,
        id="ticket.id",
        submitted_ns="ticket.submitted_ns",
        updated_ns="updated_ns",
        symbol="ticket.symbol",
        side="ticket.side",
        kind="ticket.kind",
        quantity="ticket.quantity",
        price="price",
        stop="stop",
        tif="ticket.terms.tif",
        role="ticket.role",
        status="status",
        filled="filled",
        rule="rule",
        reason="reason",
        **({"routing": "routing"} if desk.is_routed else {}),
        tag="ticket.tag",
    )


def _fills(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.record.fills,
        id="id",
        order_id="order_id",
        ts_ns="ts_ns",
        symbol="symbol",
        side="side",
        quantity="quantity",
        price="price",
        commission="commission",
        slippage="slippage",
        cause="cause",
        tag="tag",
        **({} if desk.exchange is None else {"rate": "rate"}),
    )


def _round_trips(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.round_trips,
        symbol="symbol",
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
        exit="exit",
        tag="tag",
        **({} if desk.exchange is None else {rate: rate for rate in ("entry_rate", "exit_rate")}),
    )


def _of_contracts(table: Table, names: Sequence[str], desk: BarDesk) -> Table:
    """The table with the real contract of each row, where a run holds continuous series."""
    if not desk.chains:
        return table
    column = np.empty(len(table), dtype=object)
    column[:] = names
    return Table({**table, "contract": column})


def _held_contracts(desk: BarDesk) -> list[str]:
    last = int(desk.timeline.days[-1])
    return [
        desk.chains[symbol].contract(last) if symbol in desk.chains else symbol
        for symbol in desk.ledger.held
    ]


def _payments(desk: BarDesk) -> Table:
    return Table.of_rows(
        desk.record.payments, ts_ns="ts_ns", kind="kind", symbol="symbol", amount="amount"
    )


@dataclass(frozen=True, slots=True)
class _Open:
    symbol: str
    quantity: Decimal
    average_price: float
    unrealised: Decimal


def _positions(desk: BarDesk) -> Table:
    with exactly():
        held = [one for _, position in desk.ledger.held.values() for one in _open(desk, position)]
    return Table.of_rows(
        held,
        symbol="symbol",
        quantity="quantity",
        average_price="average_price",
        unrealised="unrealised",
    )


def _open(desk: BarDesk, position: Position) -> list[_Open]:
    """A row of a position, or one of each side where both have lots."""
    symbol, ledger = position.symbol, desk.ledger
    if not position.locked:
        profit = _open_profit(desk, position)
        return [_Open(symbol, position.quantity, position.average_price, profit)]
    close = _last_close(desk.feeds[symbol])
    return [
        _Open(
            symbol,
            quantity * side.sign,
            position.average_price_of(side),
            ledger.worth(symbol, position.profit_of(side, close)),
        )
        for side, quantity in position.sides
    ]


def _open_profit(desk: BarDesk, position: Position) -> Decimal:
    price, rate = _last_close(desk.feeds[position.symbol]), desk.ledger.rate(position.symbol)
    if rate is None:
        return position.open_profit(price)
    return position.open_profit_at(price, rate)


def _equity(desk: BarDesk) -> Table:
    """Mark the account at every close: between two fills only the prices move."""
    record, count = desk.record, len(desk.timeline)
    cash = unroll(record.steps, record.cash, before=float(desk.ledger.initial), count=count)
    equity, quantity = cash.copy(), np.zeros(count)
    net = gross = quantity
    for symbol, holding in record.holdings.items():
        feed, place = desk.feeds[symbol], [*desk.feeds].index(symbol)
        multiplier: float | FloatArray = float(feed.instrument.multiplier)
        if desk.exchange is not None:
            multiplier = multiplier * desk.exchange.at_each(symbol, desk.timeline.closes_ns)
        quantity = unroll(holding.steps, holding.quantity, before=0.0, count=count)
        closes = feed.bars.close
        if not desk.timeline.is_aligned:
            closes = closes[np.maximum(desk.timeline.rows[:, place], 0)]
        is_inverse = feed.instrument.is_inverse  # what it buys is coin sold
        value = quantity / closes if is_inverse else quantity * closes
        value *= multiplier
        equity += -value if is_inverse else value
        if feed.instrument.is_margined:  # what was paid in full is in the cash already
            cost = unroll(holding.steps, holding.cost, before=0.0, count=count)
            equity -= cost if is_inverse else cost * multiplier
        # Most runs trade one instrument: nothing to add to.
        net, gross = (
            (value, np.abs(value)) if net is gross else (net + value, gross + np.abs(value))
        )
    if record.owed:
        equity += unroll(record.owed_steps, record.owed, before=0.0, count=count)
    columns = {
        "ts_ns": desk.timeline.opens_ns,
        "equity": equity,
        "cash": cash,
        "exposure": net,
        "gross_exposure": gross,
    }
    if len(desk.feeds) == 1:
        columns["quantity"] = quantity
    return Table({name: column[desk.first_step :] for name, column in columns.items()})


def _metrics(
    spec: BacktestSpec,
    tables: Mapping[str, Table],
    data: Mapping[str, Bars],
    *,
    splits: Splits,
    days: DayArray,
    benchmark: Benchmark | None,
) -> Summary:
    fills = tables["fills"]
    trips = TripColumns.of(tables["round_trips"], spec.instruments)
    return summarise(
        equity=tables["equity"]["equity"],
        initial=float(spec.cash),
        days=days,
        periods_per_year=get_calendar(spec.instrument.calendar).periods_per_year,
        quantity=tables["equity"]["gross_exposure"],
        round_trips=trips,
        traded_notional=float(notionals(fills, spec.instruments).sum()),
        commission=float(fills.floats("commission").sum()),
        slippage=float(fills.floats("slippage").sum()),
        benchmark=None if benchmark is None else benchmark.returns,
        excursions=excursions_of(trips, data, splits),
    )


def _compared(benchmark: Bars, spec: BacktestSpec, days: DayArray) -> Benchmark:
    """The benchmark's return over each trading day of the run."""
    returns = align_benchmark(
        prices=benchmark.close,
        price_days=trading_days_of(benchmark, get_calendar(spec.instrument.calendar)),
        days=np.unique(days),
    )
    return Benchmark(benchmark.symbol, returns)


def _last_close(feed: Feed) -> Decimal:
    return exact(float(feed.bars.close[-1]))
