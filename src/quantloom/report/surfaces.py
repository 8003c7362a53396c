"""Drawings of a search as SVG: a measure over two parameters, over one, and in against out."""

from collections.abc import Sequence
from html import escape

import numpy as np

from quantloom.backtest.optimise import Surface
from quantloom.kit import FloatArray
from quantloom.report.formats import UNKNOWN, fixed
from quantloom.report.lines import COLORS

_WIDTH, _HEIGHT = 900, 320
_LEFT, _FOOT, _TOP = 90, 44, 24
_MOST_LABELS, _MOST_CELLS = 12, 60
_DOTS = 600
_TICKS = 5
_LIFTED = 'style="paint-order:stroke;stroke:var(--paper,Canvas);stroke-width:4px"'
# Dark blue over white to dark red, read without colours by the numbers in small maps.
_COLD, _WARM = (29, 111, 184), (194, 87, 26)


def heatmap(surface: Surface, *, best: tuple[object, object], higher_is_better: bool) -> str:
    """Cells coloured by the measure, the best set framed; each tells its values when pointed at."""
    rows, columns = surface.values.shape
    width, height = (_WIDTH - _LEFT) / columns, (_HEIGHT - _FOOT - _TOP) / rows
    cells, frame = [], []
    for row, y_value in enumerate(surface.y_values):
        for column, x_value in enumerate(surface.x_values):
            value = float(surface.values[row, column])
            x, y = _LEFT + column * width, _TOP + (rows - 1 - row) * height
            told = f"{surface.x} {short(x_value)}, {surface.y} {short(y_value)}: "
            told += UNKNOWN if np.isnan(value) else fixed(value, 3)
            place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            if (x_value, y_value) == best:
                frame.append(f'<rect {place} fill="none" stroke="currentColor" stroke-width="3"/>')
            color = color_of(value, surface.values, higher_is_better=higher_is_better)
            cells.append(f'<rect {place} fill="{color}"><title>{escape(told)}</title></rect>')
            if rows * columns <= _MOST_CELLS and not np.isnan(value):
                cells.append(
                    f'<text x="{x + width / 2:.1f}" y="{y + height / 2 + 4:.1f}" '
                    f'text-anchor="middle" fill="#111">{fixed(value)}</text>'
                )
    labels = [
        label(_LEFT + (at + 0.5) * width, _HEIGHT - 26, short(surface.x_values[at]))
        for at in _shown(columns)
    ]
    labels += [
        label(
            _LEFT - 8,
            _TOP + (rows - 0.5 - at) * height + 4,
            short(surface.y_values[at]),
            anchor="end",
        )
        for at in _shown(rows)
    ]
    labels.append(label(_LEFT + (_WIDTH - _LEFT) / 2, _HEIGHT - 6, surface.x))
    labels.append(label(4, _TOP - 10, surface.y, anchor="start"))
    return svg([*cells, *frame, *labels], f"{surface.metric}: {surface.x}, {surface.y}")


def slices(
    name: str, values: Sequence[object], lines: dict[str, FloatArray], *, metric: str
) -> str:
    """A measure over one parameter: a line for each way to choose the others."""
    known = np.concatenate([column[np.isfinite(column)] for column in lines.values()])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    high = high if high > low else low + 1.0
    steps = np.linspace(_LEFT, _WIDTH - 20, max(len(values), 2))[: len(values)]
    shapes = _scale(low, high)
    for color, column in zip(COLORS, lines.values(), strict=False):
        points = [
            (x, _down(value, low, high))
            for x, value in zip(steps.tolist(), column.tolist(), strict=True)
            if np.isfinite(value)
        ]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        shapes.append(
            f'<polyline points="{joined}" fill="none" stroke="{color}" stroke-width="1.6"/>'
        )
        shapes += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{color}"/>' for x, y in points]
    shapes += [
        label(float(steps[at]), _HEIGHT - 26, short(values[at])) for at in _shown(len(values))
    ]
    shapes.append(label((_WIDTH + _LEFT) / 2, _HEIGHT - 6, name))
    shapes.append(label(4, _TOP - 10, metric, anchor="start"))
    return svg(shapes, f"{metric}: {name}")


def scatter(x: FloatArray, y: FloatArray, *, x_name: str, y_name: str) -> str:
    """Dots of one figure against another; of many an even choice."""
    rows = np.unique(np.linspace(0, len(x) - 1, min(len(x), _DOTS)).astype(np.int64))
    known = rows[np.isfinite(x[rows]) & np.isfinite(y[rows])]
    if not len(known):
        return ""
    across, down = x[known], y[known]
    left, right = float(across.min()), float(across.max())
    low, high = min(float(down.min()), 0.0), max(float(down.max()), 0.0)
    right, high = (right if right > left else left + 1.0), (high if high > low else low + 1.0)
    shapes = _scale(low, high)
    zero = _down(0.0, low, high)
    shapes.append(
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{zero:.1f}" y2="{zero:.1f}" stroke="currentColor"/>'
    )
    span = (_WIDTH - _LEFT - 20) / (right - left)
    shapes += [
        f'<circle cx="{_LEFT + (one - left) * span:.1f}" cy="{_down(other, low, high):.1f}" '
        f'r="2.2" fill="{COLORS[0]}" fill-opacity=".45"/>'
        for one, other in zip(across.tolist(), down.tolist(), strict=True)
    ]
    for share in (0.0, 0.5, 1.0):
        value = left + share * (right - left)
        shapes.append(label(_LEFT + (value - left) * span, _HEIGHT - 26, fixed(value)))
    shapes.append(label((_WIDTH + _LEFT) / 2, _HEIGHT - 6, x_name))
    shapes.append(label(4, _TOP - 10, y_name, anchor="start"))
    return svg(shapes, f"{y_name}, {x_name}")


def _scale(low: float, high: float) -> list[str]:
    shapes = []
    for value in np.linspace(low, high, _TICKS).tolist():
        y = _down(value, low, high)
        shapes.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            'stroke-opacity=".15"/>'
        )
        shapes.append(label(_LEFT - 8, y + 4, fixed(value, 3), anchor="end"))
    return shapes


def _down(value: float, low: float, high: float) -> float:
    return _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _FOOT)


def color_of(value: float, values: FloatArray, *, higher_is_better: bool) -> str:
    """Warm where it is good, cold where it is bad, none where nothing is known."""
    if np.isnan(value):
        return "none"
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    share = (value - low) / (high - low) if high > low else 0.5
    share = share if higher_is_better else 1 - share
    end, part = (_WARM, 2 * share - 1) if share > 0.5 else (_COLD, 1 - 2 * share)
    red, green, blue = (round(255 + (one - 255) * part) for one in end)
    return f"#{red:02x}{green:02x}{blue:02x}"


def blend(share: float) -> str:
    """A colour between cold, 0, and warm, 1, that is seen on white and on black."""
    red, green, blue = (
        round(cold + (warm - cold) * share) for cold, warm in zip(_COLD, _WARM, strict=True)
    )
    return f"#{red:02x}{green:02x}{blue:02x}"


def _shown(count: int) -> list[int]:
    """Places that are labelled, so that labels do not lie on each other."""
    found: list[int] = np.unique(
        np.linspace(0, count - 1, min(count, _MOST_LABELS)).astype(np.int64)
    ).tolist()
    return found


def short(value: object) -> str:
    """A value as scales name it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def label(x: float, y: float, told: str, *, anchor: str = "middle", is_lifted: bool = False) -> str:
    """Text at a place; lifted, it has the page's colour around it and is read on lines."""
    look = _LIFTED if is_lifted else 'opacity=".8"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {look}>{escape(told)}</text>'


def titled(text: str) -> str:
    """What a shape tells when pointed at."""
    return f"<title>{escape(text)}</title>"


def svg(shapes: Sequence[str], told: str, height: int = _HEIGHT) -> str:
    """Shapes as a drawing, and what it is for those who cannot see it."""
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="100%" role="img" '
        f'aria-label="{escape(told)}" font-size="11" fill="currentColor">{"".join(shapes)}</svg>'
    )
