"""The calls for notebooks and scripts: find parameters, and see how they do out of sample."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantloom.backtest.executors import QuickWay
from quantloom.backtest.optimise import fused
from quantloom.backtest.optimise.evaluate import BACKTESTS, Job
from quantloom.backtest.optimise.result import OptimisationResult
from quantloom.backtest.optimise.samplers import Method, batch_of
from quantloom.backtest.optimise.searching import Notify, search
from quantloom.backtest.optimise.spaces import AnyConstraint, AnySpan, space_of
from quantloom.backtest.optimise.spec import EarlyStop, StudySpec, identity_of
from quantloom.backtest.optimise.study import Limits, Study, span_times
from quantloom.backtest.optimise.trial import DEFAULT_OBJECTIVE, Evaluator, Objective
from quantloom.backtest.preparing import Prepared, RunSettings, prepare
from quantloom.backtest.sweeps.suitability import quick_way_of
from quantloom.backtest.trials import Trials
from quantloom.kit import from_ns
from quantloom.market import Continuous
from quantloom.strategy import Strategy, Value

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData

Objectives = str | Objective | Sequence[str | Objective]


def make_study(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    space: Mapping[str, AnySpan] | None = None,
    *,
    objective: Objectives = DEFAULT_OBJECTIVE,
    method: Method = "grid",
    constraints: Sequence[AnyConstraint] = (),
    parameters: Mapping[str, Value] | None = None,
    seed: int = 0,
    batch: int | None = None,
    early_stop: EarlyStop | None = None,
    counted: Trials = True,
    is_fused: bool = True,
    **settings: Any,
) -> Study:
    """Make a search ready without carrying it out: to split it, or to look at its spec.

    Everything is taken as `optimise` takes it.

    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    settings = {**settings, "seed": seed}
    engine = settings.pop("engine", "auto")
    prepared = prepare(strategy, data, RunSettings(**settings))
    held = dict(parameters or {})
    searched = space_of(prepared.strategy, space, constraints=constraints, fixed=held)
    listed = [objective] if isinstance(objective, str | Objective) else objective
    objectives = tuple(map(Objective.of, listed))
    times = span_times(prepared)
    is_swept = is_fused and engine == "auto" and fused.fits(prepared, objectives)
    way = _way(prepared, engine) if is_fused else None
    executor = fused.NAME if is_swept else way or BACKTESTS
    spec = StudySpec(
        strategy=prepared.spec.strategy,
        symbols=prepared.spec.symbols,
        timeframe=prepared.spec.timeframe,
        start=from_ns(int(times[0])).isoformat(),
        end=from_ns(int(times[-1])).isoformat(),
        axes=searched.axes,
        constraints=tuple(one.text for one in searched.constraints),
        fixed=dict(searched.fixed),
        objectives=tuple(map(str, objectives)),
        method=method,
        seed=seed,
        batch=batch_of(method, executor) if batch is None else batch,
        early_stop=early_stop,
    )
    given = [*data.values()] if isinstance(data, Mapping) else [data]
    has_chain = any(isinstance(one, Continuous) for one in given)
    read = {"detail": prepared.detail, "benchmark": prepared.benchmark}
    return Study(
        spec=replace(spec, identity=identity_of(prepared, spec, searched, executor)),
        space=searched,
        objectives=objectives,
        prepared=prepared,
        counted=counted,
        job=Job(
            strategy=prepared.strategy,
            # A series is run on its contracts, which its bars alone do not tell.
            data=data if has_chain else prepared.bars,
            fixed=held,
            # What was read once is not read again for each set.
            settings={
                **settings,
                **{name: one for name, one in read.items() if one is not None},
                "engine": engine,
            },
            way=way,
        ),
    )


def _way(prepared: Prepared, engine: str) -> QuickWay | None:
    """How the core alone runs sets; what is compared with a benchmark needs whole results."""
    return None if prepared.benchmark is not None else quick_way_of(prepared, engine)


def optimise(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    space: Mapping[str, AnySpan] | None = None,
    *,
    objective: Objectives = DEFAULT_OBJECTIVE,
    method: Method = "grid",
    constraints: Sequence[AnyConstraint] = (),
    parameters: Mapping[str, Value] | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    workers: int | None = None,
    seed: int = 0,
    batch: int | None = None,
    early_stop: EarlyStop | None = None,
    folder: str | os.PathLike[str] | None = None,
    notify: Notify | None = None,
    evaluator: Evaluator | None = None,
    counted: Trials = True,
    is_fused: bool = True,
    **settings: Any,
) -> OptimisationResult:
    """Search for the parameters that a strategy does best with.

    ```python
    found = optimise("sma-cross", bars, {"fast": range(5, 50, 5), "slow": (20, 200, 10)})
    print(found.best.parameters, found.deflated_sharpe)
    ```

    The outcome depends on the arguments alone: not on the number of workers, and not on how often
    it was interrupted.

    Args:
        strategy, data: as `backtest` takes them.
        space: values by parameter: a range, (low, high), (low, high, step), a list or a `Choice`;
            without it every parameter that declares bounds, choices, or is true or false.
        objective: a measure of `performance.METRICS`, made as its catalog says is better, or with
            `max:` or `min:` before it; several for a Pareto front, the first one deciding `best`.
        method: `grid` tries all, `random` some by chance, each once; `genetic` (NSGA-II) and
            `bayesian` (TPE) learn from what was tried.
        constraints: what must hold between parameters: "fast < slow", or functions of them.
        parameters: values of those that are not searched.
        trials: sets at most: all of a grid, 100 by chance, 320 genetic and 96 Bayesian ones where
            not given.
        seconds: after which the search ends with what it has.
        workers: processes; as many as there are cores where not given, 1 for none besides this.
        seed: of the search, and of `ctx.random` in every run.
        batch: how many sets a method is asked for at a time; its own number where not given. What
            `genetic` and `bayesian` find depends on it.
        early_stop: when to give hopeless sets up; never where not given.
        folder: keeps every finished trial, and goes on from them when called again alike.
        notify: called with an `OptimisationProgress` after each trial; raising ends the search.
        evaluator: what runs the sets, in place of backtests.
        counted: whether the trials are counted in the ledger of the strategy, or the data folder
            whose ledger counts them.
        is_fused: whether kernels may run the sets that they know, rather than whole backtests.
            They give the same figures, but not all of those that a backtest gives.
        settings: all else that `backtest` takes, such as cash and commission.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    study = make_study(
        strategy,
        data,
        space,
        objective=objective,
        method=method,
        constraints=constraints,
        parameters=parameters,
        seed=seed,
        batch=batch,
        early_stop=early_stop,
        counted=counted,
        is_fused=is_fused,
        **settings,
    )
    return explore(
        study,
        Limits(trials=trials, seconds=seconds, workers=workers),
        folder=None if folder is None else Path(folder),
        notify=notify,
        evaluator=evaluator,
    )


def explore(
    study: Study,
    limits: Limits | None = None,
    *,
    folder: Path | None = None,
    notify: Notify | None = None,
    evaluator: Evaluator | None = None,
    note: Mapping[str, Any] | None = None,
) -> OptimisationResult:
    """Carry a search out that `make_study` made ready.

    Args:
        folder, notify, evaluator: as `optimise` takes them.
        note: plain values to write down with a study that begins in the folder.
    """
    trials, executor = search(
        study, limits or Limits(), folder=folder, notify=notify, evaluator=evaluator, note=note
    )
    return OptimisationResult(
        spec=study.spec, trials=tuple(trials), executor=executor, lineage=study.count(trials)
    )
