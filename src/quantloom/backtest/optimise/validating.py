"""Combinatorial purged cross-validation of a search: many histories out of one."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from quantloom.backtest import export
from quantloom.backtest.optimise.curves import Curve, curve_of, plain_curve
from quantloom.backtest.optimise.folds import PIECES, Folds, sharpe_of_sums
from quantloom.backtest.optimise.result import NothingFound
from quantloom.backtest.optimise.running import make_study
from quantloom.backtest.optimise.samplers import FIXED_METHODS
from quantloom.backtest.optimise.searching import Notify, search
from quantloom.backtest.optimise.spaces import AnySpan
from quantloom.backtest.optimise.spec import BadStudy, StudySpec, spec_of
from quantloom.backtest.optimise.store import (
    CorruptStudy,
    NoStudy,
    read_study,
    read_trials,
)
from quantloom.backtest.optimise.study import Limits, Study
from quantloom.backtest.optimise.trial import WHOLE, Daily, Evaluator, Span, Trial
from quantloom.backtest.showing import shown_by
from quantloom.backtest.tables import Table
from quantloom.data.atomic import replacing
from quantloom.kit import FloatArray, IntArray, objects
from quantloom.market import get_calendar
from quantloom.performance.blocks import COUNT, sums_between
from quantloom.strategy import Strategy, Value

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData

KIND = "cross-validation"
_OUTCOME = "outcome.json"
_OBJECTIVE = "max:sharpe_ratio"


# Not slotted: what is worked out late is kept in the instance.
@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class CrossValidation:
    """What choosing by training groups earned on test groups, along each path.

    Attributes:
        spec, trials: what was searched, and every set that was tried.
        folds: how days were cut.
        chosen: (splits,) number of the trial that was best on each split's training days.
        inside, outside: (splits,) its yearly Sharpe ratio on the training and on the test days.
        training_days: (splits,) how many days were left to train on.
        curves: the daily returns along each path.
        periods_per_year: trading days that make a year.
        executor: what ran the sets.
    """

    spec: StudySpec
    trials: tuple[Trial, ...]
    folds: Folds
    chosen: IntArray
    inside: FloatArray
    outside: FloatArray
    training_days: IntArray
    curves: tuple[Curve, ...]
    periods_per_year: int = 252
    executor: str = ""

    @cached_property
    def sharpes(self) -> FloatArray:
        """(paths,) the yearly Sharpe ratio along each path; NaN where returns do not vary."""
        return np.array([np.nan if one.sharpe is None else one.sharpe for one in self.curves])

    @cached_property
    def splits(self) -> Table:
        """A row for each split: tests, chosen, its parameters, Sharpe in and out, training_days."""
        names = [axis.name for axis in self.spec.axes]
        trials = [self.trials[at] for at in self.chosen.tolist()]
        columns: dict[str, Any] = {
            "tests": objects([", ".join(map(str, one)) for one in self.folds.splits]),
            "chosen": self.chosen,
            **{name: objects([one.parameters[name] for one in trials]) for name in names},
            "in_sample_sharpe": self.inside,
            "out_of_sample_sharpe": self.outside,
            "training_days": self.training_days,
        }
        return Table(columns)

    @cached_property
    def paths(self) -> Table:
        """A row for each path: sharpe_ratio, total_return, max_drawdown_ratio."""
        return Table(
            {
                "path": np.arange(len(self.curves), dtype=np.int64),
                "sharpe_ratio": self.sharpes,
                "total_return": np.array([one.total_return for one in self.curves]),
                "max_drawdown_ratio": np.array([one.max_drawdown_ratio for one in self.curves]),
            }
        )

    @property
    def loss_probability(self) -> float:
        """Share of paths that lose money."""
        return float(np.mean([one.total_return < 0 for one in self.curves]))

    def summary(self) -> dict[str, Any]:
        """The outcome in plain values: what `--json` prints."""
        known = self.sharpes[np.isfinite(self.sharpes)]
        spread = {"mean": known.mean(), "std": known.std()} if len(known) else {}
        low, middle, high = np.quantile(known, [0.05, 0.5, 0.95]) if len(known) else (None,) * 3
        return {
            "strategy": self.spec.strategy,
            "symbols": list(self.spec.symbols),
            "timeframe": self.spec.timeframe,
            "method": self.spec.method,
            "seed": self.spec.seed,
            "executor": self.executor,
            "folds": asdict(self.folds),
            "trials": len(self.trials),
            "sharpe_ratio": {
                **{name: float(value) for name, value in spread.items()},
                "q05": None if low is None else float(low),
                "median": None if middle is None else float(middle),
                "q95": None if high is None else float(high),
            },
            "loss_probability": self.loss_probability,
            "paths": [plain_curve(one) for one in self.curves],
            "splits": [
                {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124  NaN
                for row in self.splits.rows()
            ],
        }

    def to_html(self, path: str | os.PathLike[str], *, language: str = "en") -> Path:
        """Write the report: one page that needs nothing else.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            OSError: the file cannot be written.
        """
        page: str = shown_by("cross_validation_html")(self, language=language)
        return export.write_bytes(page.encode(), Path(path))

    def __repr__(self) -> str:
        known = self.sharpes[np.isfinite(self.sharpes)]
        told = f"median Sharpe {np.median(known):.2f}" if len(known) else "no Sharpe"
        return (
            f"<CrossValidation {self.spec.strategy}: {len(self.chosen)} splits, "
            f"{len(self.curves)} paths, {told}>"
        )


def cross_validate(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    space: Mapping[str, AnySpan] | None = None,
    *,
    groups: int = 6,
    tests: int = 2,
    purge: int = 5,
    embargo: int = 5,
    trials: int | None = None,
    workers: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    notify: Notify | None = None,
    evaluator: Evaluator | None = None,
    **settings: Any,
) -> CrossValidation:
    """Choose parameters on some groups of days and see how they do on the others, in every way.

    ```python
    found = cross_validate("sma-cross", bars, {"fast": (5, 30, 5), "slow": (40, 120, 10)})
    print(found.sharpes, found.loss_probability)
    ```

    Each set is run once over all days: a strategy cannot see later bars, so its return of a day is
    the same whatever is chosen by. What is trained on some days is the choice between sets.

    Args:
        strategy, data, space: as `optimise` takes them; the method is `grid` or `random`.
        groups, tests: all C(groups, tests) ways to test on `tests` groups are taken.
        purge: days of training on either side of a test that are left out: as long as positions
            are held, or longer.
        embargo: further days that are left out after a test.
        trials, workers, folder, notify, evaluator, settings: as `optimise` takes them. Sets are
            chosen by their Sharpe ratio.
    Raises:
        BadStudy: another method or objective, or groups too short for what is left out.
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    Source:
        Lopez de Prado (2018), Advances in Financial Machine Learning, chapters 7 and 12.
    """
    folds = Folds(groups=groups, tests=tests, purge=purge, embargo=embargo)
    return validate_study(
        make_study(strategy, data, space, **settings),
        folds,
        Limits(trials=trials, workers=workers),
        folder=None if folder is None else Path(folder),
        notify=notify,
        evaluator=evaluator,
    )


def validate_study(
    study: Study,
    folds: Folds,
    limits: Limits,
    *,
    folder: Path | None = None,
    notify: Notify | None = None,
    evaluator: Evaluator | None = None,
    note: Mapping[str, Any] | None = None,
) -> CrossValidation:
    """Cross-validate a study that `make_study` made ready."""
    _refuse_other(study)
    identity = {**study.spec.identity, "folds": str(asdict(folds))}
    studied = replace(study, spec=replace(study.spec, identity=identity))
    record = {"kind": KIND, "folds": asdict(folds), **(note or {})}
    with ExitStack() as stack:
        runner = evaluator
        if runner is None:
            runner = study.evaluator(limits.processes)
            stack.callback(runner.close)
        folding = _Folding(runner, folds)
        trials, executor = search(
            studied, limits, folder=folder, notify=notify, evaluator=folding, note=record
        )
        studied.count(trials)
        found = _validated(studied, folds, trials, runner=runner, executor=executor)
        if folder is not None:
            _write(found, folder)
        return found


def load_validation(folder: str | os.PathLike[str]) -> CrossValidation:
    """Bring a finished cross-validation back.

    Raises:
        NoStudy: the folder holds none, or none that was finished.
        CorruptStudy: a file is not what was written.
    """
    place = Path(folder)
    record = read_study(place)
    path = place / _OUTCOME
    if not path.is_file():
        raise NoStudy(place)
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except msgspec.MsgspecError as error:
        raise CorruptStudy(path, str(error)) from error
    return CrossValidation(
        spec=spec_of(record["spec"]),
        trials=tuple(read_trials(place)),
        folds=Folds(**record["folds"]),
        chosen=np.array(kept.chosen, dtype=np.int64),
        inside=_floats(kept.inside),
        outside=_floats(kept.outside),
        training_days=np.array(kept.training_days, dtype=np.int64),
        curves=tuple(_read_curve(days, returns, kept.year) for days, returns in kept.curves),
        periods_per_year=kept.year,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What is written down of a cross-validation besides its trials."""

    year: int
    chosen: list[int]
    inside: list[float | None]
    outside: list[float | None]
    training_days: list[int]
    curves: list[tuple[list[int], list[float]]]


def _write(found: CrossValidation, folder: Path) -> None:
    kept = _Kept(
        year=found.periods_per_year,
        chosen=found.chosen.tolist(),
        inside=_plain(found.inside),
        outside=_plain(found.outside),
        training_days=found.training_days.tolist(),
        curves=[(one.days.astype(np.int64).tolist(), one.returns.tolist()) for one in found.curves],
    )
    with replacing(folder / _OUTCOME) as file:
        file.write(msgspec.json.encode(kept))


def _read_curve(days: Sequence[int], returns: Sequence[float], year: int) -> Curve:
    moments = np.array(days, dtype=np.int64).astype("datetime64[D]")
    return curve_of([Daily(moments, np.array(returns))], year)


def _plain(values: FloatArray) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _floats(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values])


def _refuse_other(study: Study) -> None:
    if study.spec.method not in FIXED_METHODS or study.spec.early_stop is not None:
        wanted = f"{' or '.join(FIXED_METHODS)}, without early stopping, for cross-validation"
        raise BadStudy("method", study.spec.method, wanted)
    if study.spec.objectives != (_OBJECTIVE,):
        raise BadStudy("objective", ", ".join(study.spec.objectives), f"{_OBJECTIVE} alone here")


class _Folding:
    """Keeps of each trial the sums over pieces of days, and not its days."""

    def __init__(self, inner: Evaluator, folds: Folds) -> None:
        self.inner, self.folds = inner, folds
        self.executor = inner.executor

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = WHOLE) -> Iterator[Trial]:
        for trial in self.inner.evaluate(sets, replace(span, keeps_daily=True)):
            if trial.daily is None:
                yield trial
                continue
            bounds = self.folds.bounds(len(trial.daily.returns))
            sums = sums_between(trial.daily.returns, bounds)
            yield replace(trial, blocks=sums, daily=None)

    def close(self) -> None:
        """The inner one is closed by whoever made it."""


def _validated(
    study: Study, folds: Folds, trials: list[Trial], *, runner: Evaluator, executor: str
) -> CrossValidation:
    known = [one for one in trials if one.state == "done" and one.blocks is not None]
    if not known:
        raise NothingFound(len(trials), study.spec.objectives)
    sums = np.array([one.blocks for one in known]).reshape(len(known), folds.groups, -1, 3)
    if (sums[..., COUNT] != sums[0, ..., COUNT]).any():
        wanted = "with the same days for every set: give the strategy one warm_up for all"
        raise BadStudy("trials", "of different days", wanted)
    year = get_calendar(study.prepared.spec.instrument.calendar).periods_per_year
    rows, inside, outside, days = _choose(folds, sums)
    daily = _daily_of(study, [known[row] for row in rows], runner)
    numbers = np.array([known[row].number for row in rows], dtype=np.int64)
    return CrossValidation(
        spec=study.spec,
        trials=tuple(trials),
        folds=folds,
        chosen=numbers,
        inside=inside * np.sqrt(year),
        outside=outside * np.sqrt(year),
        training_days=days,
        curves=tuple(_curves(folds, [daily[number] for number in numbers.tolist()], year)),
        periods_per_year=year,
        executor=executor,
    )


def _choose(folds: Folds, sums: FloatArray) -> tuple[list[int], FloatArray, FloatArray, IntArray]:
    """For each split the row that is best in training, its Sharpe ratios, and the days."""
    rows, inside, outside, days = [], [], [], []
    for tested in folds.splits:
        kept = folds.training(tested)
        trained = sharpe_of_sums(sums[:, kept].sum(axis=1))
        # A set that never trades is no better than any other.
        row = int(np.argmax(np.where(np.isfinite(trained), trained, -np.inf)))
        rows.append(row)
        inside.append(trained[row])
        outside.append(sharpe_of_sums(sums[row, [*tested]].sum(axis=(0, 1))))
        days.append(sums[0, kept][:, COUNT].sum())
    return rows, np.array(inside), np.array(outside), np.array(days, dtype=np.int64)


def _daily_of(study: Study, chosen: Sequence[Trial], runner: Evaluator) -> dict[int, Daily]:
    """The daily returns of the sets that were chosen, which are run once more for them."""
    distinct = {one.number: one for one in chosen}
    span = replace(study.span, keeps_daily=True)
    again = runner.evaluate([one.parameters for one in distinct.values()], span)
    return {
        number: one.daily
        for number, one in zip(distinct, again, strict=True)
        if one.daily is not None
    }


def _curves(folds: Folds, daily: Sequence[Daily], year: int) -> Iterator[Curve]:
    """Join the tests of a path: group by group, of the set that its split has chosen."""
    bounds_of = [*pairwise(folds.bounds(len(daily[0].days))[::PIECES].tolist())]
    for path in folds.path_splits().tolist():
        pieces = [
            Daily(daily[split].days[first:end], daily[split].returns[first:end])
            for split, (first, end) in zip(path, bounds_of, strict=True)
        ]
        yield curve_of(pieces, year)
