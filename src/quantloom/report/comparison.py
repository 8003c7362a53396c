"""Results side by side as HTML: tables, and curves in SVG; no script and no plotly."""

from html import escape

import numpy as np

from quantloom.backtest import Comparison
from quantloom.kit import from_ns
from quantloom.performance import METRICS
from quantloom.report.formats import UNKNOWN, by_unit, fixed, plain
from quantloom.report.lines import COLORS, Plane, called, drawing, line
from quantloom.report.sheet import page, table
from quantloom.report.texts import Words

_SHOWN_TRADES = 100
_TRADE_HEADS = ("result", "symbol", "side", "entry", "exit", "quantity", "pnl")


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
        "drawdowns": _drawdowns(comparison),
        "differences": _differences(comparison, words),
        "metrics": _metrics(comparison, words),
        "correlation": _correlation(comparison),
        "trades": _trades(comparison, words),
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
        f'<tr><th scope="row">{escape(_setting(name, words))}</th>'
        + "".join(f'<td class="code">{escape(value)}</td>' for value in values)
        + "</tr>"
        for name, values in comparison.differences.items()
    ]
    return table([words("compare.setting"), *comparison.names], rows, numeric=False)


def _setting(name: str, words: Words) -> str:
    """A setting in the reader's words; one that has none keeps its own name."""
    group, _, rest = name.partition(".")
    if group == "parameters":
        return words("compare.parameter", name=rest)
    return words.name(f"compare.of_{name.replace('.', '_')}", name)


def _trades(comparison: Comparison, words: Words) -> str:
    """How many round trips each has alone, and the last ones of them."""
    trades = comparison.trades
    told = [words("compare.shared", count=comparison.shared_trades)]
    for name in comparison.names:
        own = trades["name"] == name
        gained = float(trades.floats("pnl")[own].sum())
        told.append(words("compare.alone", name=name, count=int(own.sum()), pnl=fixed(gained)))
    rows = []
    for row in [*trades.rows()][-_SHOWN_TRADES:]:
        moments = (f"{from_ns(row[moment]):%Y-%m-%d %H:%M}" for moment in ("entry_ns", "exit_ns"))
        side = words.name(f"side.{row['side']}", row["side"])
        cells = (row["name"], row["symbol"], side, *moments)
        shown = "".join(f'<td class="code">{escape(str(one))}</td>' for one in cells)
        numbers = (plain(row["quantity"]), fixed(row["pnl"]))
        shown += "".join(f'<td class="num">{escape(one)}</td>' for one in numbers)
        rows.append(f"<tr>{shown}</tr>")
    listed = "".join(f"<li>{escape(one)}</li>" for one in told)
    heads = [words(f"compare.{name}") for name in _TRADE_HEADS]
    cut = len(trades) - len(rows)
    note = f'<p class="note">{escape(words("compare.cut", count=cut))}</p>' if cut else ""
    return f"<ul>{listed}</ul>" + (table(heads, rows, numeric=False) + note if rows else "")


def _drawdowns(comparison: Comparison) -> str:
    """How far each lies below its highest, in percent, from zero down."""
    days = comparison.drawdowns["day"].astype(np.int64)
    columns = [-100.0 * comparison.drawdowns[name] for name in comparison.names]
    known = np.concatenate([column[np.isfinite(column)] for column in columns])
    low = min(float(known.min()), -0.1) if len(known) else -0.1
    plane = Plane(int(days[0]), max(int(days[-1]), int(days[0]) + 1), low, 0.0)
    lines = [
        line(plane, days, column, COLORS[place % len(COLORS)])
        for place, column in enumerate(columns)
    ]
    return drawing(plane, lines, label=", ".join(comparison.names))


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
