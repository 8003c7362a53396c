"""One call to backtest on ticks: a strategy or a compiled program, ticks, a result."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np

from quantloom.backtest.event import Progress
from quantloom.backtest.preparing import moment_of
from quantloom.backtest.ready import OtherInstrument, make_strategy, state_of
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.ticks.desk import TickDesk
from quantloom.backtest.ticks.errors import TicksWithoutQuotes
from quantloom.backtest.ticks.event import run_ticks
from quantloom.backtest.ticks.models import (
    DEFAULT_LATENCY,
    RISK_AVERSE,
    Latency,
    QueueModel,
    constant_latency,
)
from quantloom.backtest.ticks.outcome import make_tick_result, tick_use
from quantloom.backtest.ticks.program import TickProgram, run_program
from quantloom.kit import FloatArray
from quantloom.market import QUOTE, Bars, Instrument, Number, Ticks, default_instrument, exact
from quantloom.strategy import AnySizing, EquityShare, FixedSize, Strategy, Value, load_strategy
from quantloom.trading import Commission, Margin

# Prices that are looked at to find the tick of an instrument that is not given.
_SAMPLE = 100_000


def backtest_ticks(
    strategy: type[Strategy] | str | TickProgram,
    ticks: Ticks,
    *,
    parameters: Mapping[str, Value] | None = None,
    instrument: Instrument | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    cash: Number = 100_000,
    commission: Commission | Number = 0,
    margin: Margin | Number | None = None,
    sizing: AnySizing | Number | None = None,
    latency: Latency | float = DEFAULT_LATENCY,
    queue: QueueModel = RISK_AVERSE,
    marked: str = "1m",
    state: Mapping[str, Any] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> BacktestResult:
    """Backtest on ticks of one instrument.

    ```python
    result = backtest_ticks(MarketMaker, ticks, latency=5, queue=PESSIMISTIC)
    ```

    Args:
        strategy: a class with `on_tick`, what `load_strategy` understands, or a compiled program.
        ticks: with quotes. parameters: of the strategy, by name.
        instrument: assumed from symbol and prices where not given.
        start, end: start <= exchange time < end; without a zone UTC is meant.
        cash: what the account begins with.
        commission: a scheme, or a share of traded money on both sides.
        margin: ratios, or one for both sides; the full value where not given.
        sizing: of entries whose strategy names no quantity; a number is a quantity.
        latency: of messages and data, or milliseconds for all of them; 20 ms where not given.
        queue: what is assumed of the queue in front of limit orders.
        marked: timeframe of the bars that are made of the ticks, at whose closes equity is marked.
        state, seed, progress: as for `backtest`.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    told = _from_first_quote(ticks.between(moment_of(start), moment_of(end)))
    bars = told.bars(marked)
    kept = latency if isinstance(latency, Latency) else constant_latency(latency)
    spec = BacktestSpec(
        strategy=strategy if isinstance(strategy, str) else getattr(strategy, "__name__", ""),
        instruments=(_instrument(instrument, told),),
        timeframe=str(bars.timeframe),
        parameters=parameters or {},
        start=moment_of(start),
        end=moment_of(end),
        cash=exact(cash),
        commission=_commission(commission),
        margin=_margin(margin),
        sizing=_sizing(sizing),
        participation=None,
        seed=seed,
        state=state or {},
    )
    if isinstance(strategy, TickProgram):
        return _run_program(strategy, spec, told, bars, latency=kept, queue=queue)
    made = load_strategy(strategy) if isinstance(strategy, str) else strategy
    running = make_strategy(made, spec)
    spec = replace(spec, parameters=running.values)
    desk = TickDesk(spec, told, bars, latency=kept, queue=queue)
    run_ticks(running, desk, progress, state)
    return make_tick_result(
        spec,
        made,
        told,
        bars,
        seen=desk.seen,
        orders=desk.orders,
        log_lines=desk.log_lines,
        state=state_of(running),
        use=tick_use(told, latency=kept, queue=queue),
        executor="ticks",
    )


def _run_program(
    given: TickProgram,
    spec: BacktestSpec,
    ticks: Ticks,
    bars: Bars,
    *,
    latency: Latency,
    queue: QueueModel,
) -> BacktestResult:
    program = given.with_parameters(spec.parameters)
    spec = replace(spec, parameters=dict(program.parameters))
    orders, seen = run_program(program, spec, ticks, bars, latency=latency, queue=queue)
    return make_tick_result(
        spec,
        cast("type[Strategy]", program.function),  # whose source the hashes take in
        ticks,
        bars,
        seen=seen,
        orders=orders,
        log_lines=[],
        state={},
        use=tick_use(ticks, latency=latency, queue=queue),
        executor="ticks-compiled",
    )


def _from_first_quote(ticks: Ticks) -> Ticks:
    """Leave out what was traded before any price is known at which an order could take.

    Raises:
        TicksWithoutQuotes: none ever is.
    """
    quotes = ticks.kind & QUOTE
    if not quotes.any():
        raise TicksWithoutQuotes(ticks.symbol)
    return ticks[int(np.argmax(quotes)) :]


def assume_instrument(ticks: Ticks) -> Instrument:
    """Assume what ticks are of from their symbol and prices.

    Raises:
        UnknownSymbol, AmbiguousMonth: as for `default_instrument`.
    """
    every = max(len(ticks) // _SAMPLE, 1)
    prices = (ticks.bid[::every, 0], ticks.ask[::every, 0], ticks.price[::every])
    found: FloatArray = np.concatenate(prices)
    return default_instrument(ticks.symbol, found[np.isfinite(found)])


def _instrument(given: Instrument | None, ticks: Ticks) -> Instrument:
    """What was given, or what is assumed from symbol and prices.

    Raises:
        OtherInstrument: it is another one than that of the ticks.
    """
    if given is None:
        return assume_instrument(ticks)
    if given.symbol != ticks.symbol:
        raise OtherInstrument(ticks.symbol, given.symbol)
    return given


def _commission(given: Commission | Number) -> Commission:
    return given if isinstance(given, Commission) else Commission.percent(given)


def _margin(given: Margin | Number | None) -> Margin:
    if given is None:
        return Margin()
    return given if isinstance(given, Margin) else Margin.ratio(given)


def _sizing(given: AnySizing | Number | None) -> AnySizing:
    if given is None:
        return EquityShare()
    return given if isinstance(given, AnySizing) else FixedSize.of(given)
