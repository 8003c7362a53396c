"""A search for parameters as HTML: the best sets, how they lie, and how far to believe them."""

import re
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from quantloom.backtest.optimise import Objective, OptimisationResult, StudySpec, Trial
from quantloom.kit import FloatArray
from quantloom.performance import METRICS, Stability
from quantloom.performance.scattered import REACH
from quantloom.report.formats import UNKNOWN, by_unit, fixed, percent
from quantloom.report.lines import COLORS, called
from quantloom.report.sets import Ruler, along_one, over_two, through_all
from quantloom.report.sheet import page, table
from quantloom.report.surfaces import heatmap, scatter, slices
from quantloom.report.texts import Words

_BESIDE = (
    *("total_return", "annual_return", "sharpe_ratio", "max_drawdown_ratio"),
    *("round_trip_count", "win_rate", "profit_factor"),
)
_TOP = 20
_FEWEST_THREADS = 3
_HALF = 0.5
_LUCK, _DOUBT, _SURE = 0.5, 0.2, 0.95


def optimisation_html(found: OptimisationResult, *, language: str = "en") -> str:
    """Show a search as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    title = words("optimise.title", strategy=found.spec.strategy)
    return page(title, optimised_html(found, language=language), language=language)


def optimised_html(found: OptimisationResult, *, language: str = "en") -> str:
    """The part of the page that a notebook shows.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    parts = {"about": _about(found, words), "belief": _belief(found, words)}
    if found.ranked:
        parts["best"] = _sets(found.ranked[:_TOP], found, words)
        parts["surface"] = _surface(found, words)
        parts["threads"] = _threads(found, words)
        parts["slices"] = "".join(_slices(found, words))
    if len(found.spec.objectives) > 1:
        parts["front"] = _sets(found.front[:_TOP], found, words) + _front(found, words)
    if found.overfitting is not None:
        parts["splits"] = _splits(found, words)
    return "".join(
        f"<section><h2>{escape(words(f'optimise.{name}'))}</h2>{html}</section>\n"
        for name, html in parts.items()
        if html
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """A table of what is told by name."""
    rows = [
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in pairs
    ]
    return f'<div class="scroll"><table><tbody>{"".join(rows)}</tbody></table></div>'


def searched(spec: StudySpec, executor: str, words: Words) -> list[tuple[str, str]]:
    """What was searched, and what ran it, by name."""
    aims = words("join").join(_aim(Objective.of(one), words) for one in spec.objectives)
    return [
        (words("symbol"), ", ".join(spec.symbols)),
        (words("span"), f"{spec.start[:10]} \N{EN DASH} {spec.end[:10]}, {spec.timeframe}"),
        (words("optimise.method"), words(f"optimise.{spec.method}")),
        (words("optimise.objective"), aims),
        (words("optimise.constraints"), ", ".join(spec.constraints) or UNKNOWN),
        (words("optimise.executor"), _run_by(executor, words)),
        (words("seed").capitalize(), str(spec.seed)),
    ]


def _about(found: OptimisationResult, words: Words) -> str:
    counts = ", ".join(
        f"{count:,} {words(f'optimise.{state}')}" for state, count in found.counts.items() if count
    )
    pairs = searched(found.spec, found.executor, words)
    return facts([*pairs, (words("optimise.trials"), counts or UNKNOWN)])


def _aim(objective: Objective, words: Words) -> str:
    key = "optimise.more" if objective.is_maximised else "optimise.less"
    return words(key, metric=words.label(objective.metric))


def _run_by(executor: str, words: Words) -> str:
    """What ran the sets, in words; its own name holds ways and the number of processes."""
    ways = re.findall(r"\b(sweep|signals|backtests|merged)\b", executor)
    told = [words(f"optimise.by_{way}") for way in ways] or [words("optimise.by_unknown")]
    processes = re.search(r"(\d+) processes", executor)
    if processes:
        told.append(words("optimise.by_processes", count=processes[1]))
    return words("join.clauses").join(told)


def _belief(found: OptimisationResult, words: Words) -> str:
    """What speaks for and against the best set, in plain words, and how to read it."""
    lines = [*_of_choice(found, words), *_of_luck(found, words), *_of_place(found, words)]
    if found.counts["stopped"]:
        lines.append((words("optimise.stopped_note", count=f"{found.counts['stopped']:,}"), ""))
    lines.append((words("optimise.read_on"), ""))
    return "<ul>" + "".join(_point(*one) for one in lines) + "</ul>"


def _point(told: str, reading: str) -> str:
    note = f'<p class="note">{escape(reading)}</p>' if reading else ""
    return f"<li>{escape(told)}{note}</li>"


def _of_choice(found: OptimisationResult, words: Words) -> Iterator[tuple[str, str]]:
    reading = words("optimise.pbo_reading")
    if found.overfitting is None:
        yield words("optimise.pbo_none"), reading
        return
    share = found.overfitting.probability
    grade = "luck" if share >= _LUCK else "doubt" if share >= _DOUBT else "sound"
    yield words(f"optimise.pbo_{grade}", share=percent(share, 0)), reading


def _of_luck(found: OptimisationResult, words: Words) -> Iterator[tuple[str, str]]:
    if found.deflated_sharpe is None:
        return
    share = found.deflated_sharpe
    grade = "sound" if share >= _SURE else "luck"
    told = words(f"optimise.dsr_{grade}", share=percent(share, 0), trials=f"{found.tried:,}")
    counted = words("optimise.dsr_alone") if found.lineage is None else ""
    yield told, words("optimise.dsr_reading") + counted


def _of_place(found: OptimisationResult, words: Words) -> Iterator[tuple[str, str]]:
    """Whether the best set is one of many good ones, and which one lies amid them."""
    stability = found.stability
    if stability is None:
        return
    told = words(f"optimise.stability_{stability.verdict}", share=percent(stability.score, 0))
    yield told, _reading_of_place(stability, words)
    if stability.steadiest != stability.best and stability.neighbours:
        metric, steady = found.objectives[0].metric, found.ranked[stability.steadiest]
        values = words("join").join(
            f"{name} {_value(value)}" for name, value in _searched(steady, found).items()
        )
        worth = by_unit(steady.metrics[metric], METRICS[metric].unit)
        shown = {"values": values, "metric": words.label(metric), "worth": worth}
        yield words("optimise.steadiest", **shown), ""


def _reading_of_place(stability: Stability, words: Words) -> str:
    if stability.reach is None:
        return words("optimise.stability_reading")
    if not stability.neighbours:
        return words(
            "optimise.stability_far",
            count=stability.possible_neighbours,
            most=percent(REACH, 0),
        )
    return words(
        "optimise.stability_near",
        count=len(stability.neighbours),
        reach=percent(stability.reach, 0),
        spread=fixed(stability.neighbour_spread, 3),
    )


def _sets(trials: Sequence[Trial], found: OptimisationResult, words: Words) -> str:
    names = [axis.name for axis in found.spec.axes]
    metrics = [*dict.fromkeys([*(one.metric for one in found.objectives), *_BESIDE])]
    rows = []
    for trial in trials:
        cells = [f'<th scope="row" class="num">{trial.number}</th>']
        cells += [
            f'<td class="num">{escape(_value(trial.parameters[name]))}</td>' for name in names
        ]
        for metric in metrics:
            text = by_unit(trial.metrics.get(metric), METRICS[metric].unit)
            cells.append(f'<td class="num">{escape(text)}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    heads = [words("optimise.number"), *names, *(words.label(metric) for metric in metrics)]
    return table(heads, rows)


def _surface(found: OptimisationResult, words: Words) -> str:
    if len(found.spec.axes) < 2:
        return ""
    metric, is_maximised = found.objectives[0].metric, found.objectives[0].is_maximised
    if _is_scattered(found):
        x, y = (_ruler(found, axis.name) for axis in found.spec.axes[:2])
        values = np.array([one.metrics[metric] for one in found.ranked], dtype=np.float64)
        drawn = over_two(x, y, values, _titles(found), higher_is_better=is_maximised)
        told = words("optimise.dots_note", metric=words.label(metric))
    else:
        surface = found.surface()
        best = (found.best.parameters[surface.x], found.best.parameters[surface.y])
        drawn = heatmap(surface, best=best, higher_is_better=is_maximised)
        told = words("optimise.surface_note", metric=words.label(metric))
    return f'{drawn}<p class="note">{escape(told)}</p>'


def _is_scattered(found: OptimisationResult) -> bool:
    """Whether sets lie on no grid, or leave more than half of it bare."""
    axes = [axis.values for axis in found.spec.axes]
    size = np.prod([np.inf if values is None else len(values) for values in axes])
    return len(found.ranked) < _HALF * float(size)


def _ruler(found: OptimisationResult, name: str) -> Ruler:
    return Ruler.of(name, [one.parameters[name] for one in found.ranked])


def _measured(found: OptimisationResult, words: Words) -> Ruler:
    metric = found.objectives[0].metric
    return Ruler.of(words.label(metric), [float(one.metrics[metric] or 0) for one in found.ranked])


def _titles(found: OptimisationResult) -> list[str]:
    metric = found.objectives[0].metric
    return [
        ", ".join(f"{name} {_value(value)}" for name, value in _searched(one, found).items())
        + f": {by_unit(one.metrics[metric], METRICS[metric].unit)}"
        for one in found.ranked
    ]


def _searched(trial: Trial, found: OptimisationResult) -> dict[str, object]:
    return {axis.name: trial.parameters[axis.name] for axis in found.spec.axes}


def _threads(found: OptimisationResult, words: Words) -> str:
    """A line for each set through all of its parameters, of three and more."""
    if len(found.spec.axes) < _FEWEST_THREADS:
        return ""
    measure = _measured(found, words)
    rulers = [*(_ruler(found, axis.name) for axis in found.spec.axes), measure]
    told = words("optimise.threads_note", metric=measure.name)
    return f'{through_all(rulers, _titles(found))}<p class="note">{escape(told)}</p>'


def _slices(found: OptimisationResult, words: Words) -> Iterator[str]:
    """A drawing for each parameter: the others as the best set has them, and on average."""
    if _is_scattered(found):
        yield f'<p class="note">{escape(words("optimise.along_note"))}</p>'
        measure = _measured(found, words)
        yield from (along_one(_ruler(found, axis.name), measure) for axis in found.spec.axes)
        return
    names = {"at_best": words("optimise.at_best"), "mean": words("optimise.mean")}
    yield f"<p>{''.join(map(called, names.values(), COLORS))}</p>"
    metric = found.objectives[0].metric
    for axis in found.spec.axes:
        first = found.surface(axis.name, axis.name, others="mean")
        values = first.x_values
        lines: dict[str, FloatArray] = {
            "at_best": _beside(found, axis.name, values),
            "mean": np.array([first.values[at, at] for at in range(len(values))]),
        }
        yield slices(axis.name, values, lines, metric=words.label(metric))


def _beside(found: OptimisationResult, name: str, values: Sequence[object]) -> FloatArray:
    """The measure where all parameters but one are those of the best set."""
    metric = found.objectives[0].metric
    others = {key: value for key, value in found.best.parameters.items() if key != name}
    known = {
        one.parameters[name]: one.metrics.get(metric)
        for one in found.trials
        if one.state == "done" and others.items() <= dict(one.parameters).items()
    }
    there = {key: value for key, value in known.items() if value is not None}
    return np.array([there.get(value, np.nan) for value in values])  # type: ignore[call-overload]


def _front(found: OptimisationResult, words: Words) -> str:
    x, y = (
        (one.metric, np.array([trial.metrics[one.metric] for trial in found.ranked], np.float64))
        for one in found.objectives[:2]
    )
    return scatter(x[1], y[1], x_name=words.label(x[0]), y_name=words.label(y[0]))


def _splits(found: OptimisationResult, words: Words) -> str:
    """Every way to halve the days: what was best on one half, on the other."""
    overfitting = found.overfitting
    if overfitting is None:
        return ""
    drawn = scatter(
        overfitting.sharpe_in,
        overfitting.sharpe_out,
        x_name=words("optimise.sharpe_in"),
        y_name=words("optimise.sharpe_out"),
    )
    return f'{drawn}<p class="note">{escape(words("optimise.splits_note"))}</p>'


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
