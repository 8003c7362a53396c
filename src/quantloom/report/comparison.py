"""Results side by side as HTML: tables, and curves in SVG; no script and no plotly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from quantloom.backtest import Comparison
from quantloom.backtest.comparison import BASE
from quantloom.kit import FloatArray, IntArray
from quantloom.performance import METRICS
from quantloom.report.charts import kept_rows
from quantloom.report.formats import UNKNOWN, by_unit, fixed
from quantloom.report.texts import Words

COLORS = ("#1d6fb8", "#c2571a", "#12875a", "#8a4fbf", "#b3372f", "#7a7a22", "#167f8c", "#b04a86")
WIDTH, HEIGHT, ROOM = 900, 300, 56
_TOP, _FOOT = 8, 28
_TICKS = 5
_POINTS = 800
_TEMPLATES = Path(__file__).parent / "templates"


def comparison_html(comparison: Comparison, *, language: str = "en") -> str:
    """Show a comparison as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    tag = "zh-CN" if language == "zh" else "en"
    title = escape(words("compare"))
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f'<header><p class="kicker">Quantloom</p><h1>{title}</h1>'
        f"</header>\n{compared_html(comparison, language=language)}</main>\n</body>\n</html>\n"
    )


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
    return _table(["", *comparison.names], rows) + note


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
    return _table(["", *comparison.names], rows)


def _differences(comparison: Comparison, words: Words) -> str:
    if not comparison.differences:
        return f'<p class="empty">{escape(words("compare.alike"))}</p>'
    rows = [
        f'<tr><th scope="row" class="code">{escape(name)}</th>'
        + "".join(f'<td class="code">{escape(value)}</td>' for value in values)
        + "</tr>"
        for name, values in comparison.differences.items()
    ]
    return _table([words("compare.setting"), *comparison.names], rows, numeric=False)


def _table(heads: Sequence[str], rows: Iterable[str], *, numeric: bool = True) -> str:
    style = ' class="num"' if numeric else ""
    shown = "".join(f'<th scope="col"{style}>{escape(head)}</th>' for head in heads)
    return (
        f'<div class="scroll"><table><thead><tr>{shown}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where days and values lie in the drawing."""

    first: int
    last: int
    low: float
    high: float

    @classmethod
    def of(cls, days: IntArray, columns: Sequence[FloatArray]) -> "_Plane":
        known = np.concatenate([column[np.isfinite(column)] for column in columns])
        low, high = min(float(known.min()), BASE), max(float(known.max()), BASE)
        first, last = int(days[0]), int(days[-1])
        return cls(first, max(last, first + 1), low, high if high > low else low + 1.0)

    def across(self, days: IntArray) -> list[float]:
        shares = (days - self.first) / (self.last - self.first)
        placed: list[float] = np.round(shares * (WIDTH - ROOM), 1).tolist()
        return placed

    def down(self, values: FloatArray) -> list[float]:
        shares = (self.high - values) / (self.high - self.low)
        placed: list[float] = np.round(_TOP + shares * (HEIGHT - _TOP - _FOOT), 1).tolist()
        return placed


def _chart(comparison: Comparison) -> str:
    days = comparison.curves["day"].astype(np.int64)
    columns = [comparison.curves[name] for name in comparison.names]
    plane = _Plane.of(days, columns)
    lines = [
        _line(plane, days, column, COLORS[place % len(COLORS)])
        for place, column in enumerate(columns)
    ]
    legend = "".join(_called(place, name) for place, name in enumerate(comparison.names))
    return (
        f'<p>{legend}</p><svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" '
        f'aria-label="{escape(", ".join(comparison.names))}" font-size="11" fill="currentColor">'
        f"{_grid(plane)}{''.join(lines)}</svg>"
    )


def _called(place: int, name: str) -> str:
    return (
        '<span style="margin-right:18px;white-space:nowrap">'
        f'<b style="color:{COLORS[place % len(COLORS)]}">\N{EM DASH}</b> {escape(name)}</span>'
    )


def _line(plane: _Plane, days: IntArray, column: FloatArray, color: str) -> str:
    rows = np.flatnonzero(np.isfinite(column))
    rows = rows[kept_rows((column[rows],), _POINTS)]
    pairs = zip(plane.across(days[rows]), plane.down(column[rows]), strict=True)
    points = " ".join(f"{x},{y}" for x, y in pairs)
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.6"/>'


def _grid(plane: _Plane) -> str:
    values = np.linspace(plane.low, plane.high, _TICKS)
    rules = "".join(
        f'<line x1="0" x2="{WIDTH - ROOM}" y1="{y}" y2="{y}" stroke="currentColor" '
        f'stroke-opacity=".15"/><text x="{WIDTH - ROOM + 6}" y="{y + 4}" opacity=".7">'
        f"{fixed(value, 1)}</text>"
        for value, y in zip(values.tolist(), plane.down(values), strict=True)
    )
    days = np.linspace(plane.first, plane.last, _TICKS).astype(np.int64)
    dates = "".join(
        f'<text x="{x}" y="{HEIGHT - 6}" opacity=".7" text-anchor="{anchor}">{day}</text>'
        for day, x, anchor in zip(
            days.astype("datetime64[D]").astype(str).tolist(),
            plane.across(days),
            ["start", *["middle"] * (_TICKS - 2), "end"],
            strict=True,
        )
    )
    return rules + dates
