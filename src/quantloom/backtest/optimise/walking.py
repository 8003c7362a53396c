"""Walk-forward analysis: choose parameters on one window, see how they do on the next."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from quantloom.backtest.optimise.evaluate import HereEvaluator
from quantloom.backtest.optimise.result import NothingFound, OptimisationResult
from quantloom.backtest.optimise.running import make_study
from quantloom.backtest.optimise.searching import OptimisationProgress, search
from quantloom.backtest.optimise.spaces import AnySpan
from quantloom.backtest.optimise.spec import spec_of
from quantloom.backtest.optimise.store import CorruptStudy, Store, read_study, read_trials
from quantloom.backtest.optimise.study import Limits, Study, span_times
from quantloom.backtest.optimise.trial import Evaluator, Span, trial_of
from quantloom.backtest.optimise.walked import WalkForward, WindowOutcome
from quantloom.backtest.optimise.windows import (
    Length,
    Window,
    make_windows,
    plain_windows,
    window_of,
)
from quantloom.data.atomic import replacing
from quantloom.kit import to_ns
from quantloom.market import get_calendar
from quantloom.strategy import Strategy

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData

KIND = "walk-forward"
_OUTCOME = "outcome.json"
NotifyWindow = Callable[[int, int, OptimisationProgress], None]
"""Told the window, counted from 0, how many there are, and how far its search is."""


def walk_forward(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    space: Mapping[str, AnySpan] | None = None,
    *,
    train: int | str | Length | None = None,
    test: int | str | Length | None = None,
    anchored: bool = False,
    embargo: int | str | Length = 0,
    windows: int | None = None,
    warm_up: int | None = None,
    trials: int | None = None,
    workers: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    notify: NotifyWindow | None = None,
    evaluator: Evaluator | None = None,
    **settings: Any,
) -> WalkForward:
    """Choose parameters on a window, run them on the time after it, and go on like that.

    ```python
    found = walk_forward("sma-cross", bars, {"fast": (5, 30), "slow": (40, 120)},
                         train="24m", test="6m", method="bayesian")
    print(found.efficiency, found.curve.sharpe)
    ```

    Args:
        strategy, data, space: as `optimise` takes them.
        train, test: how long windows are in and out of sample: a number of bars, or such as 500b,
            90d (trading days), 6m or 2y.
        anchored: every in-sample window begins with the data's first bar.
        embargo: what is left out between the two, likewise.
        windows: in place of train and test, how many windows, three quarters of each in sample.
        warm_up: bars before each test that strategies see before they may trade; as many as are
            in sample where not given. Windows in sample have only what `Strategy.warm_up` asks.
        trials, workers, folder, evaluator: as `optimise` takes them, trials for each window.
        notify: called with the window's number, how many there are, and how far its search is.
        settings: all else that `optimise` takes.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    study = make_study(strategy, data, space, **settings)
    laid = study_windows(
        study, train=train, test=test, anchored=anchored, embargo=embargo, count=windows
    )
    return walk_study(
        study,
        laid,
        Limits(trials=trials, workers=workers),
        warm_up=warm_up,
        folder=None if folder is None else Path(folder),
        notify=notify,
        evaluator=evaluator,
    )


def study_windows(
    study: Study,
    *,
    train: int | str | Length | None = None,
    test: int | str | Length | None = None,
    anchored: bool = False,
    embargo: int | str | Length = 0,
    count: int | None = None,
) -> tuple[Window, ...]:
    """Lay windows over the bars of a study, as `make_windows` does.

    Raises:
        BadStudy: no whole window fits in, or lengths and a number were both given, or neither.
    """
    return make_windows(
        *_times_and_days(study),
        train=train,
        test=test,
        anchored=anchored,
        embargo=embargo,
        count=count,
    )


def walk_study(
    study: Study,
    laid: Sequence[Window],
    limits: Limits,
    *,
    warm_up: int | None = None,
    folder: Path | None = None,
    notify: NotifyWindow | None = None,
    evaluator: Evaluator | None = None,
    note: Mapping[str, Any] | None = None,
) -> WalkForward:
    """Carry a study out in each window and run what it finds after it."""
    with ExitStack() as stack:
        year = _year(study)
        identity = {**study.spec.identity, "windows": str(plain_windows(laid))}
        identity["warm_up"] = str(warm_up)
        walking = replace(study, spec=replace(study.spec, identity=identity))
        if folder is not None:
            record = {"kind": KIND, "spec": walking.spec.plain(), "year": year, **(note or {})}
            record["windows"] = plain_windows(laid)
            stack.enter_context(Store(folder, identity, record))
        runner = evaluator
        if runner is None:
            runner = study.evaluator(limits.processes)
            stack.callback(runner.close)
        steps = [
            _Step(walking, window, warm_up=_warm_up(study, window, warm_up), folder=folder)
            for window in laid
        ]
        outside = evaluator or HereEvaluator(study.job)
        done = []
        for place, step in enumerate(steps):

            def told(progress: OptimisationProgress, place: int = place) -> None:
                if notify is not None:
                    notify(place, len(steps), progress)

            done.append(step.go(limits, runner=runner, outside=outside, notify=told))
        return WalkForward(
            spec=walking.spec,
            windows=tuple(done),
            periods_per_year=year,
            executor=runner.executor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What is written down of a window when it is over."""

    chosen: int
    outcome: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Step:
    """One window of a walk."""

    study: Study
    window: Window
    warm_up: int = field(kw_only=True)
    folder: Path | None = field(kw_only=True)

    def go(
        self,
        limits: Limits,
        *,
        runner: Evaluator,
        outside: Evaluator,
        notify: Callable[[OptimisationProgress], None],
    ) -> WindowOutcome:
        place = None if self.folder is None else self.folder / _named(self.window)
        span = Span(start=self.window.train_start, end=self.window.train_end)
        bounds = plain_windows([self.window])
        identity = {**self.study.spec.identity, "window": str(bounds)}
        spec = replace(self.study.spec, identity=identity)
        study = replace(self.study, span=span, spec=spec)
        trials, executor = search(study, limits, folder=place, notify=notify, evaluator=runner)
        # A window is a search of its own, and may go on after another one has begun.
        study.count(trials)
        found = OptimisationResult(spec=spec, trials=tuple(trials), executor=executor)
        return self._outcome(found, outside, place)

    def _outcome(
        self, found: OptimisationResult, outside: Evaluator, place: Path | None
    ) -> WindowOutcome:
        try:
            chosen = found.best
        except NothingFound:
            return WindowOutcome(window=self.window, found=found, chosen=None, outcome=None)
        kept = None if place is None else _read_kept(place, chosen.number)
        if kept is not None:
            return _told(self.window, found, kept)
        span = Span(
            start=self.window.test_start,
            end=self.window.test_end,
            warm_up=self.warm_up,
            keeps_daily=True,
        )
        (outcome,) = outside.evaluate([chosen.parameters], span)
        kept = _Kept(chosen=chosen.number, outcome=outcome.plain())
        if place is not None:
            with replacing(place / _OUTCOME) as file:
                file.write(msgspec.json.encode(kept))
        return _told(self.window, found, kept)


def load_walk(folder: str | os.PathLike[str]) -> WalkForward:
    """Bring a walk-forward analysis back, without the windows that were not reached.

    Raises:
        NoStudy: the folder holds none.
        CorruptStudy: a file is not what was written.
    """
    place = Path(folder)
    record = read_study(place)
    spec = spec_of(record["spec"])
    done = []
    for number, bounds in enumerate(record["windows"]):
        window = window_of(number, bounds)
        inner = place / _named(window)
        if not (inner / _OUTCOME).is_file():
            break
        found = OptimisationResult(
            spec=spec_of(read_study(inner)["spec"]), trials=tuple(read_trials(inner))
        )
        kept = _read_kept(inner, None)
        if kept is not None:
            done.append(_told(window, found, kept))
    return WalkForward(spec=spec, windows=tuple(done), periods_per_year=record["year"])


def _read_kept(place: Path, chosen: int | None) -> _Kept | None:
    path = place / _OUTCOME
    if not path.is_file():
        return None
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except msgspec.MsgspecError as error:
        raise CorruptStudy(path, str(error)) from error
    # With more trials than before another set may have become the best.
    return kept if chosen is None or kept.chosen == chosen else None


def _told(window: Window, found: OptimisationResult, kept: _Kept) -> WindowOutcome:
    return WindowOutcome(
        window=window,
        found=found,
        chosen=found.trials[kept.chosen],
        outcome=trial_of(kept.outcome),
    )


def _named(window: Window) -> str:
    return f"window-{window.number:03}"


def _times_and_days(study: Study) -> tuple[Any, Any]:
    """Open times of all bars, and the trading day of each by the first instrument's calendar."""
    prepared = study.prepared
    first = next(iter(prepared.bars.values()))
    times = span_times(prepared)
    calendar = get_calendar(prepared.spec.instrument.calendar)
    if first.timeframe.is_intraday:
        return times, calendar.trading_day(times)
    return times, (times // 86_400_000_000_000).astype("datetime64[D]")


def _year(study: Study) -> int:
    return get_calendar(study.prepared.spec.instrument.calendar).periods_per_year


def _warm_up(study: Study, window: Window, wanted: int | None) -> int:
    """Bars before the test that every instrument has, as many as are in sample at most."""
    bars = study.prepared.bars.values()
    start = to_ns(window.test_start)
    there = min(int(np.searchsorted(one.ts, start)) for one in bars)
    if wanted is not None:
        return min(wanted, there)
    inside = min(len(one.between(window.train_start, window.train_end)) for one in bars)
    return min(inside, there)
