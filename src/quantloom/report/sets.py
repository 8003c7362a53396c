"""Drawings of single sets as SVG: over two parameters, along one, and through all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantloom.kit import FloatArray, IntArray
from quantloom.report.lines import COLORS
from quantloom.report.surfaces import blend, color_of, label, short, svg, titled

_WIDTH, _HEIGHT = 900, 320
_LEFT, _RIGHT, _FOOT, _TOP = 90, 20, 44, 24
_MOST, _TICKS, _MOST_CHOICES = 600, 4, 12
_THREADS_TOP, _THREADS_FOOT, _EDGE, _LAST = 34, 18, 60, 70
_FAINT, _STRONG = 0.12, 0.6


@dataclass(frozen=True, slots=True)
class Ruler:
    """One parameter's values, or a measure's, on a scale from 0 to 1.

    Attributes:
        shares: (n,) where each set lies.
        ticks: places on the scale and what they are called.
    """

    name: str
    shares: FloatArray
    ticks: tuple[tuple[float, str], ...]

    @classmethod
    def of(cls, name: str, values: Sequence[object]) -> "Ruler":
        """Numbers lie by their size; what is no number, in even steps."""
        if not all(type(one) in {int, float} for one in values):
            return cls._of_choices(name, values)
        sizes = np.array(values, dtype=np.float64)
        low, high = float(sizes.min()), float(sizes.max())
        spread = (high - low) or 1.0
        at = _round_numbers(low, high, is_whole=all(type(one) is int for one in values))
        ticks = (((one - low) / spread, short(one)) for one in at.tolist())
        return cls(name, (sizes - low) / spread, tuple(ticks))

    @classmethod
    def _of_choices(cls, name: str, values: Sequence[object]) -> "Ruler":
        texts = [short(one) for one in values]
        levels = sorted(set(texts))
        steps = max(len(levels) - 1, 1)
        place = {text: at / steps for at, text in enumerate(levels)}
        shown = levels[:: -(-len(levels) // _MOST_CHOICES)]
        shares = np.array([place[text] for text in texts])
        return cls(name, shares, tuple((place[text], text) for text in shown))


def _round_numbers(low: float, high: float, *, is_whole: bool) -> FloatArray:
    """Numbers of few digits between two, `_TICKS` or a few more."""
    if not high > low:
        return np.array([low])
    rough = (high - low) / _TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * times for times in (5.0, 2.0, 1.0) if power * times <= rough)
    step = max(step, 1.0) if is_whole else step
    first, last = np.ceil(low / step), np.floor(high / step)
    found: FloatArray = np.round(np.arange(first, last + 1) * step, 10)
    return found


def over_two(
    x: Ruler, y: Ruler, values: FloatArray, titles: Sequence[str], *, higher_is_better: bool
) -> str:
    """A dot for each set at its two parameters, coloured by the measure; the best one ringed.

    Args:
        values: (n,) the measure, the best set first.
        titles: (n,) what a dot tells when pointed at.
    """
    shapes = [*_grid(y), *_feet(x), label(4, _TOP - 10, y.name, anchor="start")]
    across, down = _across(x.shares), _down(y.shares)
    # The best are drawn last, so that they lie on top.
    for row in _chosen(len(values))[::-1].tolist():
        color = color_of(float(values[row]), values, higher_is_better=higher_is_better)
        shapes.append(
            f'<circle cx="{across[row]:.1f}" cy="{down[row]:.1f}" r="5" fill="{color}" '
            f'stroke="#888" stroke-opacity=".6">{titled(titles[row])}</circle>'
        )
    shapes.append(
        f'<circle cx="{across[0]:.1f}" cy="{down[0]:.1f}" r="9" fill="none" '
        'stroke="currentColor" stroke-width="3"/>'
    )
    return svg(shapes, f"{x.name}, {y.name}", _HEIGHT)


def along_one(x: Ruler, measure: Ruler) -> str:
    """A dot for each set at one parameter and its measure; the best one, the first, ringed."""
    shapes = [*_grid(measure), *_feet(x), label(4, _TOP - 10, measure.name, anchor="start")]
    across, down = _across(x.shares), _down(measure.shares)
    shapes += [
        f'<circle cx="{across[row]:.1f}" cy="{down[row]:.1f}" r="2.6" fill="{COLORS[0]}" '
        'fill-opacity=".55"/>'
        for row in _chosen(len(x.shares)).tolist()
    ]
    shapes.append(
        f'<circle cx="{across[0]:.1f}" cy="{down[0]:.1f}" r="7" fill="none" '
        'stroke="currentColor" stroke-width="2"/>'
    )
    return svg(shapes, f"{measure.name}: {x.name}", _HEIGHT)


def through_all(rulers: Sequence[Ruler], titles: Sequence[str]) -> str:
    """A line for each set across an upright scale for each parameter, the measure's the last.

    Args:
        rulers: their sets in the same order, the best one first.
        titles: (n,) what a line tells when pointed at.
    """
    height = _HEIGHT + _THREADS_TOP
    places = np.linspace(_EDGE, _WIDTH - _LAST, len(rulers)).tolist()
    depth = height - _THREADS_TOP - _THREADS_FOOT

    def at(share: float) -> float:
        return _THREADS_TOP + (1.0 - share) * depth

    count = len(titles)
    threads = [
        _thread(
            [(x, at(float(ruler.shares[row]))) for x, ruler in zip(places, rulers, strict=True)],
            titles[row],
            # By rank, so that one bad set does not make all others look alike.
            share=1.0 - row / max(count - 1, 1),
            is_best=row == 0,
        )
        for row in _chosen(count)[::-1].tolist()
    ]
    scales = []
    for x, ruler in zip(places, rulers, strict=True):
        scales.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{at(1.0):.1f}" y2="{at(0.0):.1f}" '
            'stroke="currentColor" stroke-opacity=".55"/>'
        )
        scales.append(label(x, _THREADS_TOP - 16, ruler.name))
        scales += [
            label(x + 5, at(one) + 4, told, anchor="start", is_lifted=True)
            for one, told in ruler.ticks
        ]
    return svg([*threads, *scales], ", ".join(one.name for one in rulers), height)


def _thread(
    points: Sequence[tuple[float, float]], title: str, *, share: float, is_best: bool
) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    look = (
        'stroke="currentColor" stroke-width="3"'
        if is_best
        else f'stroke="{blend(share)}" stroke-width="1.4" '
        f'stroke-opacity="{_FAINT + (_STRONG - _FAINT) * share**2:.2f}"'
    )
    return f'<polyline points="{joined}" fill="none" {look}>{titled(title)}</polyline>'


def _chosen(count: int) -> IntArray:
    """Rows that are drawn, of many an even choice, the best one among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _MOST)).astype(np.int64))


def _across(shares: FloatArray) -> FloatArray:
    return _LEFT + 10 + shares * (_WIDTH - _RIGHT - 10 - _LEFT - 10)


def _down(shares: FloatArray) -> FloatArray:
    return _TOP + 8 + (1.0 - shares) * (_HEIGHT - _FOOT - 8 - _TOP - 8)


def _grid(y: Ruler) -> list[str]:
    found = []
    for share, told in y.ticks:
        at = float(_down(np.array(share)))
        found.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{at:.1f}" y2="{at:.1f}" '
            'stroke="currentColor" stroke-opacity=".15"/>'
        )
        found.append(label(_LEFT - 8, at + 4, told, anchor="end"))
    return found


def _feet(x: Ruler) -> list[str]:
    found = [label(float(_across(np.array(at))), _HEIGHT - 26, told) for at, told in x.ticks]
    return [*found, label((_WIDTH + _LEFT) / 2, _HEIGHT - 6, x.name)]
