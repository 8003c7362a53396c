"""A search for parameters as HTML: the best sets, how they lie, and how far to believe them."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from quantloom.backtest.optimise import OptimisationResult, Trial
from quantloom.kit import FloatArray
from quantloom.performance import METRICS
from quantloom.report.formats import UNKNOWN, by_unit, percent
from quantloom.report.lines import COLORS, called
from quantloom.report.sheet import page, table
from quantloom.report.surfaces import heatmap, scatter, slices
from quantloom.report.texts import Words

_BESIDE = (
    *("total_return", "annual_return", "sharpe_ratio", "max_drawdown_ratio"),
    *("round_trip_count", "win_rate", "profit_factor"),
)
_TOP = 20
_LUCK, _DOUBT, _SURE = 0.5, 0.2, 0.95


def optimisation_html(found: OptimisationResult, *, language: str = "en") -> str:
    """Show a search as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    title = f"{words('optimise')}: {found.spec.strategy}"
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


def _about(found: OptimisationResult, words: Words) -> str:
    spec = found.spec
    counts = ", ".join(
        f"{count:,} {words(f'optimise.{state}')}" for state, count in found.counts.items() if count
    )
    pairs = [
        (words("symbol"), ", ".join(spec.symbols)),
        (words("span"), f"{spec.start[:10]} \N{EN DASH} {spec.end[:10]}, {spec.timeframe}"),
        (words("optimise.method"), words(f"optimise.{spec.method}")),
        (words("optimise.objective"), ", ".join(spec.objectives)),
        (words("optimise.trials"), counts),
        (words("optimise.constraints"), ", ".join(spec.constraints) or UNKNOWN),
        (words("optimise.executor"), found.executor or UNKNOWN),
        (words("seed"), str(spec.seed)),
    ]
    return facts(pairs)


def _belief(found: OptimisationResult, words: Words) -> str:
    """What speaks for and against the best set, in plain words."""
    lines = []
    if found.overfitting is not None:
        share = found.overfitting.probability
        grade = "luck" if share >= _LUCK else "doubt" if share >= _DOUBT else "sound"
        lines.append(words(f"optimise.pbo_{grade}", share=percent(share, 0)))
    if found.deflated_sharpe is not None:
        share = found.deflated_sharpe
        grade = "sound" if share >= _SURE else "luck"
        told = {"share": percent(share, 0), "trials": f"{found.tried:,}"}
        lines.append(words(f"optimise.dsr_{grade}", **told))
    if found.stability is not None:
        told = {"share": percent(found.stability.score, 0)}
        lines.append(words(f"optimise.stability_{found.stability.verdict}", **told))
    if found.counts["stopped"]:
        lines.append(words("optimise.stopped_note", count=f"{found.counts['stopped']:,}"))
    lines.append(words("optimise.read_on"))
    return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in lines) + "</ul>"


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
    surface = found.surface()
    best = (found.best.parameters[surface.x], found.best.parameters[surface.y])
    drawn = heatmap(surface, best=best, higher_is_better=found.objectives[0].is_maximised)
    told = words("optimise.surface_note", metric=words.label(surface.metric))
    return f'{drawn}<p class="note">{escape(told)}</p>'


def _slices(found: OptimisationResult, words: Words) -> Iterator[str]:
    """A drawing for each parameter: the others as the best set has them, and on average."""
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
