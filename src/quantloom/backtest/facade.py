"""One call for notebooks and scripts: a strategy, some data, a result."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantloom.backtest.event import Progress
from quantloom.backtest.executors import Engine
from quantloom.backtest.lookahead import AuditSetting, Watch
from quantloom.backtest.preparing import OffsetChoice, RunSettings, prepare
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.run import run_backtest
from quantloom.backtest.spec import PARTICIPATION, MarginMode
from quantloom.backtest.swap_facts import AnyFunding
from quantloom.backtest.trials import Trials, count_run
from quantloom.market import Instrument, Listing, Number
from quantloom.market.rulebook import RuleBook
from quantloom.simulation import AnySlippage
from quantloom.strategy import AnySizing, Strategy, Value
from quantloom.trading import Commission, Margin, RightsChoice, RoutingOptions

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyActions, AnyData


def backtest(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    *,
    parameters: Mapping[str, Value] | None = None,
    symbol: str = "DATA.LOCAL",
    instrument: Instrument | Mapping[str, Instrument] | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    cash: Number = 100_000,
    currency: str | None = None,
    fx: "Mapping[str, AnyData | Number] | None" = None,
    fx_cost: Number = 0,
    interest: Number = 0,
    borrow: Number = 0,
    commission: Commission | Number | None = None,
    margin: Margin | Number | None = None,
    slippage: AnySlippage | Number = 0,
    size: Number | None = None,
    weight: Number | None = None,
    sizing: AnySizing | None = None,
    participation: Number | None = PARTICIPATION,
    latency: int = 0,
    detail: "AnyData | Mapping[str, AnyData] | None" = None,
    actions: "AnyActions" = (),
    rights: RightsChoice | str = RightsChoice.TAKE,
    rules: RuleBook | bool = False,
    listings: Sequence[Listing] | str | Path = (),
    margin_addon: Number = 0,
    fee_discount: Number = 0,
    margin_mode: MarginMode = "cross",
    offsets: RoutingOptions | OffsetChoice = "net",
    funding: AnyFunding | None = None,
    marks: "AnyData | Mapping[str, AnyData] | None" = None,
    benchmark: "AnyData | None" = None,
    state: Mapping[str, Any] | None = None,
    seed: int = 0,
    engine: Engine = "auto",
    audit: AuditSetting = "auto",
    progress: Progress | None = None,
    trials: Trials = True,
    min_grade: str | None = None,
) -> BacktestResult:
    """Backtest a strategy.

    ```python
    result = backtest("sma-cross", "AAPL.csv", parameters={"fast": 10}, size=1, commission=0.001)
    ```

    Args:
        strategy: a class, or what `load_strategy` understands.
        data: bars, a pandas frame of them, or a CSV or Parquet file; for several instruments a
            mapping of such by symbol. A series of `chain_contracts` is run on its real
            contracts, with the costs of each roll.
        parameters: of the strategy, by name; those not named keep their defaults.
        symbol: what a frame's bars are called where no instrument says it.
        instrument: tick, lot, multiplier; assumed from symbol and prices where not given. For
            several a mapping by symbol, of those that are not to be assumed.
        start, end: start <= open time < end; without a zone UTC is meant.
        cash: what the account begins with, in its currency.
        currency: of the account, its cash and every figure; the first instrument's if not given.
        fx: what one unit of each other currency is worth in the account's, by currency or by pair
            such as EURUSD: bars, a frame, a file, or a number that never changes.
        fx_cost: share of what is exchanged that it costs, 0.0001 for a basis point.
        interest, borrow: yearly rates, 0.02 for 2 %: earned on cash; paid on cash below zero and on
            what was sold short.
        commission: a scheme, or a share of traded money on both sides (0.001 is 0.1 %); nothing,
            or what the rules say, where not given.
        margin: ratios, or one for both sides; 1 needs the full value, as it does where not given
            and the rules say nothing.
        slippage: a model, or ticks against every market and stop order.
        size, weight, sizing: quantity of each entry, its share of equity (0.95 if none is given),
            or another way to size it.
        participation: share of a bar's volume that orders fill at most; None for any quantity.
        latency: bars that go by before an order arrives.
        detail: finer bars of the same instruments, to see what a bar reached first.
        actions: what companies did, as a list, by symbol, or in a CSV file with the fields of
            `Action` as its columns: dividends, splits, new shares. Bars must be real prices then.
        rights: `take` subscribes what cash there is for, `sell` takes their worth, `ignore` lets
            them lapse.
        rules: True for the market rule book, or one with overlays: fees, margin, price limits,
            turnaround and settlement as they were on each day.
        listings: when shares were listed, delisted and under special treatment, for the rules; or
            a CSV file of it, as `read_listings` takes it, in which others may stand too.
        margin_addon: what a broker adds to the rules' margin ratios; 0.03 makes 7 % 10 %.
        fee_discount: share that a crypto venue takes off the rules' fees where they are paid in its
            own coin, which is bought as they fall due; 0.25 for a quarter.
        margin_mode: `cross`, where all cash stands behind perpetual swaps, or `isolated`, where
            each has the margin that opened it; for the rules.
        offsets: which lots of Chinese futures orders close, under rules: "net" closes all it can;
            "cheapest" asks the offset router, which may open the other side instead (a lock);
            "close" asks it without locks; or its own options.
        funding: rates of perpetual swaps, for the rules: a series, a file as `read_funding` takes
            it, or a mapping of such by symbol.
        marks: bars of the mark price of perpetual swaps, for the rules; last prices stand in.
        benchmark: what the run is compared with, day by day.
        state: `state` of an earlier result, for the strategy to go on from.
        seed: starts `ctx.random`; the same seed, the same result.
        engine: who makes the run: `event` by callbacks, `vectorised` by `generate_weights` or
            `generate_signals`, `compiled`; `auto` goes by what the strategy has. They give one
            result, and `result.executor` says who has made it.
        audit: how much is tried to find out whether the strategy looks ahead, when the run is
            over: "auto" for a part of its own work again, the same on any machine; "full" or True
            for all there is to try; a number of seconds; or False for nothing.
        progress: called with steps done and steps in all; raising stops the run.
        trials: whether the run is counted as a trial of its strategy, for `result.trials`; or the
            data folder to count it in, in place of the user's own.
        min_grade: the worst grade of data, A to F, that the run is to be made on.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    asked = RunSettings(
        parameters=parameters,
        symbol=symbol,
        instrument=instrument,
        start=start,
        end=end,
        cash=cash,
        currency=currency,
        fx=fx,
        fx_cost=fx_cost,
        interest=interest,
        borrow=borrow,
        commission=commission,
        margin=margin,
        slippage=slippage,
        size=size,
        weight=weight,
        sizing=sizing,
        participation=participation,
        latency=latency,
        detail=detail,
        actions=actions,
        rights=rights,
        rules=rules,
        listings=listings,
        margin_addon=margin_addon,
        fee_discount=fee_discount,
        margin_mode=margin_mode,
        offsets=offsets,
        funding=funding,
        marks=marks,
        benchmark=benchmark,
        state=state,
        seed=seed,
    )
    prepared = prepare(strategy, data, asked)
    grades = None
    if min_grade is not None:
        from quantloom.backtest.grading import demand_grade  # noqa: PLC0415  only for a gate

        grades = demand_grade(prepared, min_grade)
    watch = Watch.begin(audit)
    result = run_backtest(
        prepared.spec,
        prepared.strategy,
        prepared.bars,
        progress,
        detail=prepared.detail,
        benchmark=prepared.benchmark,
        rules=prepared.rules,
        facts=prepared.facts,
        engine=engine,
        on_ran=watch.keep,
    )
    if grades is not None:
        result = replace(result, known_quality=grades)
    return count_run(watch.audited(result), prepared.strategy, trials)
