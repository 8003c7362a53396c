"""What volume tells: none, unknown, or counted on both sides; and where contracts change."""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from quantloom.data.quality.report import Finding
from quantloom.data.quality.scales import local_scale, middle
from quantloom.data.quality.view import EXAMPLES, View
from quantloom.kit import BoolArray, IntArray
from quantloom.market import Kind

VOLUME_CHECKS = ("zero_volume", "volume_unknown", "double_volume", "rolls")
"""What is asked of volume and open interest."""

ONE_SIDED_SINCE = date(2020, 1, 1)
"""From when on the Chinese commodity exchanges count a trade once; before, both of its sides."""

_TURN = np.datetime64(ONE_SIDED_SINCE)
_WINDOW = 20
_HALF = (0.4, 0.6)
_LEAST_DAYS = 5
_SHARE_OF_MARKET, _LEAST_SYMBOLS = 0.6, 3
_WEAK_HALF = (0.3, 0.7)
# Of a symbol of such a market: its own volume changes too.
_FALLEN = 0.85
# Twenty days of a lively year may outweigh the halving.
_RISEN = 1.3
_OI = "open_interest"
_OI_JUMP_INTRADAY, _OI_JUMP_DAILY = 0.12, 0.3
_NIGHT_SIGMAS = 5.0


def volume_findings(view: View, *, market_ratio: float | None = None) -> Iterator[Finding]:
    """Ask everything about volume.

    Args:
        market_ratio: the change of volume of the whole market when counting changed, where
            several of its symbols tell of it together.
    """
    yield from _known(view)
    yield from daily_volume_findings(view, market_ratio=market_ratio)


def daily_volume_findings(view: View, *, market_ratio: float | None = None) -> Iterator[Finding]:
    """Ask what whole days tell; the argument is that of `volume_findings`."""
    if view.is_cn_future:
        yield from _double(view, market_ratio)
    if view.is_chain and len(view.day_rows) > 2:
        yield from _rolls(view)


def _known(view: View) -> Iterator[Finding]:
    volume = view.bars.volume
    has_any = bool((volume > 0).any())
    if view.instrument.kind is Kind.FX and not has_any:
        return
    is_zero = volume == 0
    # Many write none where they know none: of indices, and where there is never any.
    is_unknown = np.isnan(volume)
    if view.instrument.kind is Kind.INDEX or not has_any:
        is_unknown, is_zero = is_unknown | is_zero, np.zeros_like(is_zero)
    yield from view.found("volume_unknown", np.flatnonzero(is_unknown), names=("close",))
    moved = int((is_zero & (view.bars.high > view.bars.low)).sum())
    yield from view.found(
        "zero_volume", np.flatnonzero(is_zero), names=("close", "volume"), moved=moved
    )


def volume_shift(view: View) -> Mapping[str, float]:
    """What became of open interest and volume when the exchanges began to count a trade once.

    Returns:
        Ratio of the days after to those before, by column; empty where there are too few days.
    """
    cut = int(np.searchsorted(view.days[view.day_rows], _TURN))
    if min(cut, len(view.day_rows) - cut) < _LEAST_DAYS:
        return {}
    around = slice(max(cut - _WINDOW, 0), cut + _WINDOW)
    at = cut - (around.start or 0)
    daily = np.add.reduceat(np.nan_to_num(view.bars.volume), view.day_rows)[around]
    found = {"volume": _ratio(float(middle(daily[:at])), float(middle(daily[at:])))}
    if _OI in view.bars.extras:
        ends = np.append(view.day_rows[1:], len(view.bars)) - 1
        held = view.bars.extras[_OI][ends]
        found[_OI] = _ratio(held[cut - 1], held[cut])
    return {name: ratio for name, ratio in found.items() if np.isfinite(ratio)}


def market_ratio(shifts: Mapping[str, Mapping[str, float]]) -> float | None:
    """The common change of a market's volume, where most of its symbols halve on the same day.

    Args:
        shifts: `volume_shift` by symbol.
    """
    ratios = [shift["volume"] for shift in shifts.values() if "volume" in shift]
    halved = [ratio for ratio in ratios if _WEAK_HALF[0] < ratio < _WEAK_HALF[1]]
    is_common = len(halved) >= max(_LEAST_SYMBOLS, _SHARE_OF_MARKET * len(ratios))
    return float(middle(np.array(halved))) if is_common else None


def _ratio(before: float, after: float) -> float:
    return float(after / before) if before > 0 and after > 0 else np.nan


def _double(view: View, of_market: float | None) -> Iterator[Finding]:
    shift = volume_shift(view)
    held, volume = shift.get(_OI, np.nan), shift.get("volume", np.nan)
    is_own = _HALF[0] < held < _HALF[1] and volume < _RISEN
    is_common = of_market is not None and volume < _FALLEN
    if not (is_own or is_common):
        return
    before = int(np.searchsorted(view.days, _TURN))
    ratio = of_market if of_market is not None else held
    yield Finding(
        check="double_volume",
        count=before,
        of=len(view.bars),
        facts={
            "since": str(ONE_SIDED_SINCE),
            "what": "open interest" if is_own else "volume",
            "what_zh": "持仓量" if is_own else "成交量",
            "ratio": f"{held if is_own else volume:.2f}",
            "market": "" if of_market is None else f", as in the whole market ({ratio:.2f})",
            "market_zh": "" if of_market is None else f"，整个市场皆然（{ratio:.2f}）",
        },
        examples=view.examples(np.array([before - 1, before]), "volume"),
    )


def _rolls(view: View) -> Iterator[Finding]:
    """Nights after which another contract goes on at another price."""
    starts = view.day_rows[1:]
    gaps = np.log(view.bars.open[starts] / view.bars.close[starts - 1])
    is_far = np.abs(gaps) > _NIGHT_SIGMAS * local_scale(gaps)
    if _OI in view.bars.extras:
        is_far = is_far | (_held_jumps(view, starts) & (np.abs(gaps) > local_scale(gaps)))
    nights = np.flatnonzero(is_far)
    if not len(nights):
        return
    largest = nights[np.abs(gaps[nights]).argmax()]
    yield Finding(
        check="rolls",
        count=len(nights),
        of=len(starts),
        facts={
            "move": f"{np.expm1(gaps[largest]):+.1%}",
            "day": str(view.days[starts[largest]]),
        },
        examples=view.examples(starts[nights][:EXAMPLES], "open", "close"),
        moments=view.moments(starts[nights]),
    )


def _held_jumps(view: View, starts: IntArray) -> BoolArray:
    """Whether open interest jumps overnight as that of one contract cannot."""
    held = view.bars.extras[_OI]
    least = _OI_JUMP_INTRADAY if view.bars.timeframe.is_intraday else _OI_JUMP_DAILY
    with np.errstate(all="ignore"):
        jumps = np.abs(np.log(held[starts] / held[starts - 1]))
    is_recount = (view.days[starts] >= _TURN) & (view.days[starts - 1] < _TURN)
    jumped: BoolArray = (jumps > least) & ~is_recount
    return jumped
