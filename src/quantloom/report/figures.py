"""A run as a figure of plotly's, for notebooks: price with trades, equity, drawdown."""

from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, Band, Comparison
from quantloom.report import band as fills
from quantloom.report import charts
from quantloom.report.formats import LocalClock
from quantloom.report.lines import COLORS
from quantloom.report.plotly_bundle import ReportExtraMissing
from quantloom.report.texts import Words

MAX_PRICES = 6
"""Instruments beyond the first so many have no room in one figure."""

_TICKS = 8
_PRICE_HEIGHT, _EQUITY_HEIGHT, _DRAWDOWN_HEIGHT = 260, 220, 120
_GREEN, _RED, _BLUE, _GREY = "#12744f", "#b3372f", "#1d4f82", "#5b6673"
_BAND = "rgba(29, 111, 184, 0.18)"
_LEGEND = {
    "orientation": "h",
    "x": 1,
    "xanchor": "right",
    "y": 0.99,
    "yanchor": "top",
    "yref": "container",
}
_LOOKS = {
    "long_entry": ("triangle-up", True),
    "long_exit": ("triangle-down-open", False),
    "short_entry": ("triangle-down", False),
    "short_exit": ("triangle-up-open", True),
    "to_long": ("triangle-up", True),
    "to_short": ("triangle-down", False),
}


def plot_result(result: BacktestResult, *, language: str = "en") -> Any:
    """Draw price with trades, equity and drawdown over one axis that counts bars.

    Args:
        language: `en`, where gains are green, or `zh`, where gains are red.
    Returns:
        `plotly.graph_objects.Figure`, thinned as the report's charts are.
    Raises:
        UnknownLanguage: another language.
        ReportExtraMissing: plotly is not installed.
    """
    words = Words(language)
    try:
        from plotly.subplots import make_subplots  # noqa: PLC0415  optional, and takes a second
    except ImportError as error:
        raise ReportExtraMissing("plotly") from error
    clock = LocalClock.of(result.bars, result.calendar.timezone)
    prices = charts.instruments(result, clock)[:MAX_PRICES]
    heights = [_PRICE_HEIGHT] * len(prices) + [_EQUITY_HEIGHT, _DRAWDOWN_HEIGHT]
    titles = [one["symbol"] for one in prices] + [words("chart.equity"), words("chart.drawdown")]
    figure = make_subplots(
        rows=len(heights),
        shared_xaxes=True,
        row_heights=heights,
        vertical_spacing=0.05,
        subplot_titles=titles,
    )
    colors = (_RED, _GREEN) if language == "zh" else (_GREEN, _RED)
    for row, one in enumerate(prices, start=1):
        _add_price(figure, one, row, words=words, clock=clock, colors=colors, is_first=row == 1)
    _add_equity(figure, result, clock, words=words, row=len(prices) + 1)
    _lay_out(figure, result, clock, height=sum(heights) + 80)
    return figure


def plot_comparison(comparison: Comparison, *, language: str = "en") -> Any:
    """Draw the curves of a comparison, each from 100.

    Args:
        language: `en` or `zh`.
    Returns:
        `plotly.graph_objects.Figure`.
    Raises:
        UnknownLanguage: another language.
        ReportExtraMissing: plotly is not installed.
    """
    words = Words(language)
    figure = _curves_figure(words)
    days = comparison.curves["day"].astype(str)
    for place, name in enumerate(comparison.names):
        values = comparison.curves[name]
        rows = np.flatnonzero(np.isfinite(values))
        rows = rows[charts.kept_rows((values[rows],))]
        figure.add_scatter(
            x=days[rows].tolist(),
            y=values[rows].tolist(),
            mode="lines",
            name=name,
            line={"color": COLORS[place % len(COLORS)], "width": 1.6},
        )
    return figure


def plot_band(band: Band, *, language: str = "en") -> Any:
    """Draw the equity of base, from 100, with the band of fill assumptions around it.

    Args:
        language: `en` or `zh`.
    Returns:
        `plotly.graph_objects.Figure`.
    Raises:
        UnknownLanguage: another language.
        ReportExtraMissing: plotly is not installed.
    """
    words = Words(language)
    figure = _curves_figure(words)
    names = fills.names_of(words)
    curves = {name: band.curves[name] for name in names}
    rows = charts.kept_rows(tuple(curves.values()))
    days = band.curves["day"].astype(str)[rows].tolist()
    low, high = (
        find.reduce(list(curves.values()))[rows].tolist() for find in (np.minimum, np.maximum)
    )
    edge = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(x=days, y=low, **edge)
    figure.add_scatter(x=days, y=high, fill="tonexty", fillcolor=_BAND, **edge)
    for name, color in zip(names, (fills.BASE, fills.HARD, fills.KIND), strict=True):
        figure.add_scatter(
            x=days,
            y=curves[name][rows].tolist(),
            mode="lines",
            name=names[name],
            line={"color": color, "width": 2 if name == "base" else 1},
        )
    return figure


def _curves_figure(words: Words) -> Any:
    """An empty figure for curves from 100."""
    try:
        from plotly.graph_objects import Figure  # noqa: PLC0415  optional, and takes a second
    except ImportError as error:
        raise ReportExtraMissing("plotly") from error
    layout = {"template": "plotly_white", "hovermode": "x unified", "legend": _LEGEND}
    return Figure(layout={"title": words("compare.curves"), **layout})


def _add_price(
    figure: Any,
    one: dict[str, Any],
    row: int,
    *,
    words: Words,
    clock: LocalClock,
    colors: tuple[str, str],
    is_first: bool,
) -> None:
    up, down = colors
    drawn = one["candles"]
    figure.add_candlestick(
        x=drawn["x"],
        open=drawn["open"],
        high=drawn["high"],
        low=drawn["low"],
        close=drawn["close"],
        text=[clock.spell(moment) for moment in drawn["start"]],
        increasing={"line": {"color": up, "width": 1}, "fillcolor": up},
        decreasing={"line": {"color": down, "width": 1}, "fillcolor": down},
        showlegend=False,
        name=one["symbol"],
        row=row,
        col=1,
    )
    marks = {name: np.array(one["marks"][name]) for name in ("x", "time", "price", "quantity")}
    x, times = np.cumsum(marks["x"]), np.cumsum(marks["time"])
    codes = np.array(one["marks"]["kind"], dtype=np.int64)
    for code, kind in enumerate(charts.MARKS):
        rows = np.flatnonzero(codes == code)
        if not len(rows):
            continue
        symbol, is_up = _LOOKS[kind]
        figure.add_scatter(
            x=x[rows].tolist(),
            y=marks["price"][rows].tolist(),
            mode="markers",
            name=words(f"mark.{kind}"),
            legendgroup=kind,
            showlegend=is_first,
            marker={"symbol": symbol, "color": up if is_up else down, "size": 8},
            text=[
                f"{clock.spell(int(times[at]))}<br>{marks['quantity'][at]:g} @ "
                f"{marks['price'][at]:g}"
                for at in rows
            ],
            hovertemplate="%{text}<extra></extra>",
            row=row,
            col=1,
        )


def _add_equity(
    figure: Any, result: BacktestResult, clock: LocalClock, *, words: Words, row: int
) -> None:
    points = charts.equity_points(result, clock)
    shown = {
        "x": points["x"],
        "mode": "lines" if len(points["x"]) > 1 else "markers",
        "text": [clock.spell(moment) for moment in points["time"]],
        "showlegend": False,
        "col": 1,
    }
    figure.add_scatter(
        y=points["equity"],
        line={"color": _BLUE, "width": 1.6},
        hovertemplate="%{text}<br>%{y:,.2f}<extra></extra>",
        row=row,
        **shown,
    )
    beside = charts.benchmark_points(result)
    if beside is not None:
        figure.add_scatter(
            x=beside["x"],
            y=beside["value"],
            line={"color": _GREY, "width": 1, "dash": "dot"},
            name=words("chart.benchmark", symbol=beside["symbol"]),
            row=row,
            col=1,
        )
    figure.add_scatter(
        y=points["drawdown"],
        line={"color": _RED, "width": 1},
        fill="tozeroy",
        hovertemplate="%{text}<br>%{y:.2f}%<extra></extra>",
        row=row + 1,
        **shown,
    )
    figure.update_yaxes(ticksuffix="%", row=row + 1, col=1)


def _lay_out(figure: Any, result: BacktestResult, clock: LocalClock, *, height: int) -> None:
    total = len(result.equity)
    at = np.unique(np.linspace(0, total - 1, min(_TICKS, total)).astype(np.int64))
    times = clock.seconds(result.equity["ts_ns"][at])
    figure.update_xaxes(
        tickvals=at.tolist(),
        ticktext=[clock.spell(moment) for moment in times.tolist()],
        rangeslider_visible=False,
    )
    figure.update_layout(
        height=height,
        title=f"{result.spec.strategy} · {', '.join(result.spec.symbols[:MAX_PRICES])}",
        margin={"l": 60, "r": 20, "t": 70, "b": 40},
        template="plotly_white",
        legend=_LEGEND,
    )
