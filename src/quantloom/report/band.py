"""A band of fill assumptions as HTML: the headline, the curve with its band, the settings."""

from html import escape

import numpy as np

from quantloom.backtest import Band
from quantloom.performance import METRICS
from quantloom.report.formats import UNKNOWN, by_unit
from quantloom.report.lines import COLORS, Plane, area, called, drawing, line
from quantloom.report.sheet import page, table
from quantloom.report.texts import Words

BASE, HARD, KIND = COLORS[0], COLORS[1], COLORS[2]


def band_html(band: Band, *, language: str = "en") -> str:
    """Show a band as one page that needs nothing else.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    title = Words(language)("band")
    return page(title, banded_html(band, language=language), language=language)


def banded_html(band: Band, *, language: str = "en") -> str:
    """The part of the page that a notebook shows: headline, curve, settings.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
    """
    words = Words(language)
    parts = {
        words("band.headline"): _headline(band, words),
        words("compare.curves"): _chart(band, words),
        words("compare.differences"): _settings(band, words),
    }
    return "".join(
        f"<section><h2>{escape(head)}</h2>{html}</section>\n" for head, html in parts.items()
    )


def names_of(words: Words) -> dict[str, str]:
    """What the three runs are called: base, pessimistic, optimistic."""
    return {
        "base": words("band.base"),
        "pessimistic": words("band.pessimistic"),
        "optimistic": words("band.optimistic"),
    }


def _headline(band: Band, words: Words) -> str:
    names = names_of(words)
    rows = []
    for row in band.headline.rows():
        metric = row["metric"]
        cells = [f'<th scope="row">{escape(words.label(metric))}</th>']
        for name in names:
            value = row[name]
            text = UNKNOWN if np.isnan(value) else by_unit(value, METRICS[metric].unit)
            shown = f"<b>{escape(text)}</b>" if name == "base" else escape(text)
            cells.append(f'<td class="num">{shown}</td>')
        rows.append(f'<tr title="{escape(words.meaning(metric))}">{"".join(cells)}</tr>')
    return table(["", *names.values()], rows)


def _chart(band: Band, words: Words) -> str:
    days = band.curves["day"].astype(np.int64)
    names = names_of(words)
    curves = [band.curves[name] for name in names]
    plane, colors = Plane.of(days, curves), (BASE, HARD, KIND)
    low, high = np.minimum.reduce(curves), np.maximum.reduce(curves)
    shapes = [
        area(plane, days, low=low, high=high, color=BASE),
        *(line(plane, days, curve, color) for curve, color in zip(curves, colors, strict=True)),
    ]
    legend = "".join(map(called, names.values(), colors))
    return f"<p>{legend}</p>{drawing(plane, shapes, label=', '.join(names.values()))}"


def _settings(band: Band, words: Words) -> str:
    rows = [
        f'<tr><th scope="row" class="code">{escape(setting)}</th>'
        + "".join(f'<td class="code">{escape(value)}</td>' for value in values)
        + "</tr>"
        for setting, values in band.differences.items()
    ]
    return table([words("compare.setting"), *names_of(words).values()], rows, numeric=False)
