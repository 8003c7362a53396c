"""Results side by side as HTML: tables, and curves in SVG; no script and no plotly."""

from html import escape

import numpy as np

from quantloom.backtest import Comparison
from quantloom.performance import METRICS
from quantloom.report.formats import UNKNOWN, by_unit, fixed
from quantloom.report.lines import COLORS, Plane, called, drawing, line
from quantloom.report.sheet import page, table
from quantloom.report.texts import Words


def comparison_html(comparison: Comparison, *, language: str = "en") -> str:
    """Show a comparison as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    title = Words(language)("compare")
    return page(title, compared_html(comparison, language=language), language=language)


def compared_html(comparison: Comparison, *, language: str = "en") -> str:
    """The part of the page that a notebook shows: curves, measures, correlation, differences.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    parts = {
        "curves": _chart(comparison),
        "differences": _differences(comparison, words),
        "metrics": _metrics(comparison, words),
        "correlation": _correlation(comparison),
    }
    return "".join(
        f"<section><h2>{escape(words(f'compare.{name}'))}</h2>{html}</section>\n"
        for name, html in parts.items()
    )


def _metrics(comparison: Comparison, words: Words) -> str:
    rows = []
    for place, name in enumerate(comparison.metrics["metric"].tolist()):
        best = comparison.best.get(name, ())
        cells = [f'<th scope="row">{escape(words.label(name))}</th>']
        for result in comparison.names:
            value = float(comparison.metrics[result][place])
            text = UNKNOWN if np.isnan(value) else by_unit(value, METRICS[name].unit)
            shown = f"<b>{escape(text)}</b>" if result in best else escape(text)
            cells.append(f'<td class="num">{shown}</td>')
        rows.append(f'<tr title="{escape(words.meaning(name))}">{"".join(cells)}</tr>')
    note = f'<p class="note">{escape(words("compare.best"))}</p>'
    return table(["", *comparison.names], rows) + note


def _correlation(comparison: Comparison) -> str:
    rows = [
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(
            f'<td class="num">{fixed(float(comparison.correlation[other][place]))}</td>'
            for other in comparison.names
        )
        + "</tr>"
        for place, name in enumerate(comparison.names)
    ]
    return table(["", *comparison.names], rows)


def _differences(comparison: Comparison, words: Words) -> str:
    if not comparison.differences:
        return f'<p class="empty">{escape(words("compare.alike"))}</p>'
    rows = [
        f'<tr><th scope="row" class="code">{escape(name)}</th>'
        + "".join(f'<td class="code">{escape(value)}</td>' for value in values)
        + "</tr>"
        for name, values in comparison.differences.items()
    ]
    return table([words("compare.setting"), *comparison.names], rows, numeric=False)


def _chart(comparison: Comparison) -> str:
    days = comparison.curves["day"].astype(np.int64)
    columns = [comparison.curves[name] for name in comparison.names]
    plane = Plane.of(days, columns)
    colors = [COLORS[place % len(COLORS)] for place in range(len(columns))]
    lines = [
        line(plane, days, column, color) for column, color in zip(columns, colors, strict=True)
    ]
    legend = "".join(map(called, comparison.names, colors))
    return f"<p>{legend}</p>{drawing(plane, lines, label=', '.join(comparison.names))}"
