"""A search, a walk forward and a cross-validation as tables for people."""

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from quantloom.backtest.optimise import (
    CrossValidation,
    NothingFound,
    Notify,
    OptimisationProgress,
    OptimisationResult,
    Trial,
    WalkForward,
)
from quantloom.cli.output import print_table, say, warn
from quantloom.cli.summary import show_measure
from quantloom.performance import METRICS

_BESIDE = ("total_return", "sharpe_ratio", "max_drawdown_ratio", "round_trip_count")
_UNKNOWN = "\N{EN DASH}"
_LUCK, _DOUBT = 0.5, 0.2
_SURE = 0.95
_WAYS = {
    "sweep": "compiled kernels",
    "signals": "compiled code that follows signals",
    "backtests": "whole backtests",
}
_PLACES = {
    "plateau": "the best set stands on a plateau: neighbours keep {share:.0%} of its lead",
    "slope": "the best set stands on a slope: neighbours keep {share:.0%} of its lead",
    "spike": "the best set is a spike: neighbours keep {share:.0%} of its lead",
    "unknown": "too few sets were tried near the best one to tell a plateau from a spike",
}


def print_optimisation(found: OptimisationResult, *, top: int) -> None:
    """Print the best sets, what became of the others, and how far the best is to be believed."""
    metrics = _shown(found)
    if found.ranked:
        names = [axis.name for axis in found.spec.axes]
        rows = [
            (place, *_values(one, names), *_measures(one, metrics))
            for place, one in enumerate(found.ranked[:top], start=1)
        ]
        headings = ("", *names, *(METRICS[name].label_en for name in metrics))
        print_table("Best sets", headings, rows, right="r" * len(headings))
    say(counted(found))
    if not found.ranked:
        _print_why(found)
    if len(found.spec.objectives) > 1:
        say(f"{len(found.front)} sets that none other beats in {', '.join(found.spec.objectives)}")
    for line in _believed(found):
        say(line)


def print_walk(found: WalkForward) -> None:
    """Print the windows with what was chosen, and what it came to out of sample."""
    metric = found.spec.objectives[0].partition(":")[2]
    names = [axis.name for axis in found.spec.axes]
    rows = [
        (
            row["number"],
            f"{_day(row['train_start'])} to {_day(row['train_end'])}",
            f"{_day(row['test_start'])} to {_day(row['test_end'])}",
            *(_UNKNOWN if row[name] is None else row[name] for name in names),
            show_measure(METRICS[metric], row[f"in_sample_{metric}"]),
            show_measure(METRICS[metric], row[f"out_of_sample_{metric}"]),
            show_measure(METRICS["total_return"], row["out_of_sample_return"]),
        )
        for row in found.table.rows()
    ]
    label = METRICS[metric].label_en
    headings = (
        "",
        "In sample",
        "Out of sample",
        *names,
        f"{label} in",
        f"{label} out",
        "Return out",
    )
    print_table("Windows", headings, rows, right="rll" + "r" * (len(headings) - 3))
    _print_curve(found)
    if found.efficiency is not None:
        say(
            f"efficiency {found.efficiency:.0%}: yearly return out of sample over that in sample; "
            "half of it or more is usual for an edge that lasts"
        )
    for row in found.drift.rows():
        step = row["mean_step"]
        told = "" if step is None else f", by {step:.0%} of its range on average"
        say(f"{row['parameter']}: {row['values']} values, changed {row['changes']} time(s){told}")


def print_validation(found: CrossValidation) -> None:
    """Print how Sharpe ratios spread over the paths."""
    rows = [
        (
            row["path"],
            show_measure(METRICS["sharpe_ratio"], row["sharpe_ratio"]),
            show_measure(METRICS["total_return"], row["total_return"]),
            show_measure(METRICS["max_drawdown_ratio"], row["max_drawdown_ratio"]),
        )
        for row in found.paths.rows()
    ]
    names = ("sharpe_ratio", "total_return", "max_drawdown_ratio")
    headings = ("Path", *(METRICS[name].label_en for name in names))
    print_table("Paths out of sample", headings, rows, right="rrrr")
    told = found.summary()["sharpe_ratio"]
    if told["median"] is not None:
        say(
            f"Sharpe ratio out of sample: median {told['median']:.2f}, 5 % of paths below "
            f"{told['q05']:.2f}, 5 % above {told['q95']:.2f}; "
            f"{found.loss_probability:.0%} lose money"
        )
    folds, by = found.folds, _in_words(found.executor)
    say(
        f"{len(found.chosen)} splits of {folds.groups} groups, {folds.tests} of them tests; purge "
        f"{folds.purge} days, embargo {folds.embargo}; {len(found.trials)} sets by {by}"
    )


def counted(found: OptimisationResult) -> str:
    """How many sets there were and what became of them, in a line."""
    words = {"done": "done", "stopped": "stopped early", "refused": "refused", "failed": "failed"}
    counts = ", ".join(
        f"{count:,} {words[state]}" for state, count in found.counts.items() if count
    )
    by = f", by {_in_words(found.executor)}" if found.executor else ""
    return f"{len(found.trials):,} sets ({found.spec.method}): {counts or 'none yet'}{by}"


def refuse_nothing(found: OptimisationResult | WalkForward | CrossValidation) -> None:
    """Leave with an error where no set came to anything, so that a script notices.

    Raises:
        NothingFound: no set has a value for every objective.
    """
    if isinstance(found, OptimisationResult) and not found.ranked:
        raise NothingFound(len(found.trials), found.spec.objectives)
    if isinstance(found, WalkForward) and all(one.chosen is None for one in found.windows):
        trials = sum(len(one.found.trials) for one in found.windows)
        raise NothingFound(trials, found.spec.objectives)


def _print_why(found: OptimisationResult) -> None:
    """What became of the first set that is not done."""
    for one in found.trials:
        if one.problem:
            values = ", ".join(f"{name}={value}" for name, value in one.parameters.items())
            warn(f"note: {values} was {one.state}: {one.problem}")
            return


def _in_words(executor: str) -> str:
    """What ran the sets, for people."""
    return re.sub(r"\b(sweep|signals|backtests)\b", lambda way: _WAYS[way[1]], executor)


@contextmanager
def trial_bar(title: str, *, quiet: bool, metric: str, is_watched: bool) -> Iterator[Notify | None]:
    """Show how far a search is, the best so far and the time left, where somebody watches."""
    if quiet or not is_watched:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  not needed for --json
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def notify(progress: OptimisationProgress) -> None:
            told = title
            if progress.best is not None:
                told += f", best {_plain(progress.best.metrics.get(metric))}"
            bar.update(
                task, completed=progress.done, total=progress.total, description=escape(told)
            )

        yield notify


def _believed(found: OptimisationResult) -> Iterator[str]:
    """What the numbers say against taking the best set for good."""
    if found.overfitting is not None:
        share = found.overfitting.probability
        verdict = "choosing the best is choosing luck" if share >= _LUCK else "doubtful"
        verdict = verdict if share >= _DOUBT else "the best tends to stay good"
        yield f"probability of backtest overfitting {share:.0%}: {verdict}"
    if found.deflated_sharpe is not None:
        share = found.deflated_sharpe
        verdict = "hard to explain by luck" if share >= _SURE else "luck alone could explain it"
        counted_as = "trials" if found.lineage is not None else "sets of this search alone"
        yield f"deflated Sharpe ratio {share:.0%} after {found.tried:,} {counted_as}: {verdict}"
    if found.stability is not None:
        yield _PLACES[found.stability.verdict].format(share=found.stability.score)


def _print_curve(found: WalkForward) -> None:
    curve = found.curve
    values = {
        "total_return": curve.total_return,
        "annual_return": curve.annual_return,
        "sharpe_ratio": curve.sharpe,
        "max_drawdown_ratio": curve.max_drawdown_ratio,
    }
    told = (
        f"{METRICS[name].label_en} {show_measure(METRICS[name], one)}"
        for name, one in values.items()
    )
    say(f"out of sample, {len(curve.days)} days: {', '.join(told)}")


def _shown(found: OptimisationResult) -> list[str]:
    names = [one.metric for one in found.objectives]
    return [*dict.fromkeys([*names, *_BESIDE])]


def _values(trial: Trial, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        value = trial.parameters[name]
        yield f"{value:g}" if isinstance(value, float) else str(value)


def _measures(trial: Trial, metrics: Sequence[str]) -> Iterator[str]:
    for name in metrics:
        yield show_measure(METRICS[name], trial.metrics.get(name))


def _plain(value: float | None) -> str:
    return _UNKNOWN if value is None or math.isnan(value) else f"{value:.4g}"


def _day(moment: str) -> str:
    return moment.partition("T")[0]
