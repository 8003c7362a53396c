"""What a notebook shows of a run by itself: a few figures and a curve, in plain HTML and SVG."""

from html import escape

from quantloom.backtest import BacktestResult
from quantloom.kit import FloatArray
from quantloom.report import notes, tables
from quantloom.report.charts import kept_rows
from quantloom.report.texts import Words

WIDTH, HEIGHT = 560, 90
_POINTS = 400
_TOLD = 3
_STYLE = "font-family:system-ui,sans-serif;font-variant-numeric:tabular-nums;max-width:600px"
_SOFT = "opacity:.65;font-size:12px"


def summarise_html(result: BacktestResult, *, language: str = "en") -> str:
    """Sum a run up for a notebook: headline figures, findings, the curve of its equity.

    Args:
        language: `en` or `zh`.
    Returns:
        HTML that needs no script and no plotly, and takes the colours of what it stands in.
    Raises:
        UnknownLanguage: another language.
    """
    words = Words(language)
    symbols = ", ".join(result.spec.symbols[:_TOLD])
    more = " …" if len(result.spec.symbols) > _TOLD else ""
    title = f"{result.spec.strategy} · {symbols}{more} · {result.spec.timeframe}"
    cells = "".join(
        f'<div><div style="{_SOFT}">{escape(figure.label)}</div>'
        f'<div style="font-size:16px;font-weight:600;white-space:nowrap">{escape(figure.text)} '
        f'<small style="font-weight:400">{escape(figure.unit)}</small></div></div>'
        for figure in tables.headline(result, words)
    )
    return (
        f'<div style="{_STYLE}"><div style="font-weight:600;margin-bottom:6px">{escape(title)}'
        f'</div><div style="display:grid;grid-template-columns:repeat(4,1fr);gap:8px 16px">'
        f"{cells}</div>{_findings(result, words)}"
        f"{sparkline(result.equity['equity'], float(result.spec.cash))}</div>"
    )


def sparkline(equity: FloatArray, initial: float) -> str:
    """Draw a curve as SVG in the colour of the text around it, the initial capital as a rule."""
    rows = kept_rows((equity,), _POINTS)
    low, high = min(float(equity.min()), initial), max(float(equity.max()), initial)
    scale = (HEIGHT - 4) / ((high - low) or 1.0)
    x = rows / max(len(equity) - 1, 1) * WIDTH
    y = 2 + (high - equity[rows]) * scale
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    base = 2 + (high - initial) * scale
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" aria-label="equity" '
        f'style="margin-top:10px"><line x1="0" x2="{WIDTH}" y1="{base:.1f}" y2="{base:.1f}" '
        f'stroke="currentColor" stroke-opacity=".3" stroke-dasharray="3 3"/>'
        f'<polyline points="{points}" fill="none" stroke="#3d7ebf" stroke-width="1.5"/></svg>'
    )


def _findings(result: BacktestResult, words: Words) -> str:
    told = notes.findings(result, words)
    lines = "".join(
        f"<li><b>{escape(words(f'severity.{one.severity}'))}</b> {escape(one.text)}</li>"
        for one in told[:_TOLD]
    )
    left = len(told) - _TOLD
    if left > 0:
        more = words("inline.more", count=left)
        lines += f"<li>{escape(more)}</li>"
    if not lines:
        return ""
    return f'<ul style="{_SOFT};margin:10px 0 0;padding-left:18px">{lines}</ul>'
