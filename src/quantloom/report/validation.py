"""A walk forward and a cross-validation as HTML: what choosing parameters was worth."""

from collections.abc import Sequence
from html import escape

import numpy as np

from quantloom.backtest.optimise import CrossValidation, Curve, WalkForward
from quantloom.performance import METRICS
from quantloom.report.formats import UNKNOWN, by_unit, fixed, percent
from quantloom.report.lines import COLORS, Plane, drawing, line
from quantloom.report.optimisation import facts, searched
from quantloom.report.sheet import page, table
from quantloom.report.surfaces import scatter
from quantloom.report.texts import Words


def walk_forward_html(found: WalkForward, *, language: str = "en") -> str:
    """Show a walk forward as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    parts = {
        "about": facts(searched(found.spec, found.executor, words)),
        "outside": _figures(found.curve, words) + _efficiency(found, words),
        "stitched": _curves([found.curve], words, note="validate.curve_note"),
        "windows": _windows(found, words),
        "drift": _drift(found, words),
    }
    return _page(words("walk.title", strategy=found.spec.strategy), parts, words)


def cross_validation_html(found: CrossValidation, *, language: str = "en") -> str:
    """Show a cross-validation as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    parts = {
        "about": facts(searched(found.spec, found.executor, words)),
        "spread": _spread(found, words),
        "paths": _curves(found.curves, words, note="validate.path_note") + _paths(found, words),
        "cv_splits": scatter(
            found.inside,
            found.outside,
            x_name=words("optimise.sharpe_in"),
            y_name=words("optimise.sharpe_out"),
        )
        + _splits(found, words),
    }
    return _page(words("validate.title", strategy=found.spec.strategy), parts, words)


def _page(title: str, parts: dict[str, str], words: Words) -> str:
    heads = {name: words(f"validate.{name}") for name in parts if name != "about"}
    heads["about"] = words("optimise.about")
    body = "".join(
        f"<section><h2>{escape(heads[name])}</h2>{html}</section>\n" for name, html in parts.items()
    )
    return page(title, body, language=words.language)


def _figures(curve: Curve, words: Words) -> str:
    values = {
        "total_return": curve.total_return,
        "annual_return": curve.annual_return,
        "sharpe_ratio": curve.sharpe,
        "max_drawdown_ratio": curve.max_drawdown_ratio,
    }
    return facts(
        [(words.label(name), by_unit(one, METRICS[name].unit)) for name, one in values.items()]
    )


def _efficiency(found: WalkForward, words: Words) -> str:
    told = words("validate.no_efficiency")
    if found.efficiency is not None:
        told = words("validate.efficiency", share=percent(found.efficiency, 0))
    return f"<p>{escape(told)}</p>"


def _curves(curves: Sequence[Curve], words: Words, *, note: str) -> str:
    known = [one for one in curves if len(one.days)]
    if not known:
        return f'<p class="empty">{escape(words("validate.nothing"))}</p>'
    days = known[0].days.astype(np.int64)
    plane = Plane.of(days, [one.equity for one in known])
    drawn = [
        line(plane, one.days.astype(np.int64), one.equity, COLORS[at % len(COLORS)])
        for at, one in enumerate(known)
    ]
    told = f'<p class="note">{escape(words(note))}</p>'
    return drawing(plane, drawn, label=words("validate.stitched")) + told


def _windows(found: WalkForward, words: Words) -> str:
    metric = found.spec.objectives[0].partition(":")[2]
    unit, names = METRICS[metric].unit, [axis.name for axis in found.spec.axes]
    rows = []
    for row in found.table.rows():
        chosen = [UNKNOWN if row[name] is None else _value(row[name]) for name in names]
        cells = [
            f"{row['train_start'][:10]} \N{EN DASH} {row['train_end'][:10]}",
            f"{row['test_start'][:10]} \N{EN DASH} {row['test_end'][:10]}",
            *chosen,
            by_unit(row[f"in_sample_{metric}"], unit),
            by_unit(row[f"out_of_sample_{metric}"], unit),
            by_unit(row["out_of_sample_return"], "ratio"),
        ]
        rows.append(_line(cells))
    label = words.label(metric)
    heads = [
        words("validate.train"),
        words("validate.test"),
        *names,
        words("validate.in", label=label),
        words("validate.out", label=label),
        words("validate.out", label=words.label("total_return")),
    ]
    return table(heads, rows)


def _drift(found: WalkForward, words: Words) -> str:
    rows = [
        f'<tr><th scope="row">{escape(row["parameter"])}</th>'
        f'<td class="num">{row["values"]}</td><td class="num">{row["changes"]}</td>'
        f'<td class="num">{UNKNOWN if row["mean_step"] is None else percent(row["mean_step"], 0)}'
        "</td></tr>"
        for row in found.drift.rows()
    ]
    heads = ["", *(words(f"validate.drift_{name}") for name in ("values", "changes", "step"))]
    return table(heads, rows)


def _spread(found: CrossValidation, words: Words) -> str:
    told = found.summary()["sharpe_ratio"]
    folds = found.folds
    pairs = [
        (words("validate.median"), _number(told["median"])),
        (words("validate.range"), f"{_number(told['q05'])} \N{EN DASH} {_number(told['q95'])}"),
        (words("validate.loss"), percent(found.loss_probability, 0)),
        (
            words("validate.folds"),
            words(
                "validate.folds_value",
                splits=len(found.chosen),
                groups=folds.groups,
                tests=folds.tests,
                paths=len(found.curves),
                purge=folds.purge,
                embargo=folds.embargo,
            ),
        ),
    ]
    return facts(pairs)


def _paths(found: CrossValidation, words: Words) -> str:
    names = ("sharpe_ratio", "total_return", "max_drawdown_ratio")
    rows = []
    for row in found.paths.rows():
        cells = "".join(
            f'<td class="num">{escape(by_unit(_known(row[name]), METRICS[name].unit))}</td>'
            for name in names
        )
        rows.append(f'<tr><th scope="row">{row["path"]}</th>{cells}</tr>')
    return table(["", *map(words.label, names)], rows)


def _splits(found: CrossValidation, words: Words) -> str:
    names = [axis.name for axis in found.spec.axes]
    rows = []
    for row in found.splits.rows():
        cells = [
            row["tests"],
            *(_value(row[name]) for name in names),
            fixed(row["in_sample_sharpe"]),
            fixed(row["out_of_sample_sharpe"]),
            str(row["training_days"]),
        ]
        rows.append(_line(cells))
    heads = [
        words("validate.tested"),
        *names,
        words("optimise.sharpe_in"),
        words("optimise.sharpe_out"),
        words("validate.training_days"),
    ]
    return table(heads, rows)


def _line(cells: Sequence[str]) -> str:
    shown = "".join(f'<td class="num">{escape(one)}</td>' for one in cells)
    return f"<tr>{shown}</tr>"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else fixed(value)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
