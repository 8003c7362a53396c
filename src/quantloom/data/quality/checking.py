"""Ask every question of some bars and make a report of the answers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from quantloom.data.quality.hours import HOUR_CHECKS, hour_findings
from quantloom.data.quality.prices import PRICE_CHECKS, price_findings
from quantloom.data.quality.report import (
    Finding,
    QualityReport,
    RowAccount,
    sorted_findings,
)
from quantloom.data.quality.rows import ROW_CHECKS, pick, row_findings, sift, sound
from quantloom.data.quality.view import View
from quantloom.data.quality.volumes import (
    VOLUME_CHECKS,
    market_ratio,
    volume_findings,
    volume_shift,
)
from quantloom.kit import DayArray, from_ns
from quantloom.market import Action, Bars, Calendar, EmptyRange, Instrument


# Damaged numbers overflow anywhere; what comes of them is counted, not warned of.
@np.errstate(all="ignore")
def check(
    bars: Bars,
    *,
    instrument: Instrument | None = None,
    calendar: Calendar | None = None,
    actions: Sequence[Action] = (),
    ex_days: Sequence[date] = (),
    raw: RowAccount | None = None,
    repairs: tuple[str, ...] = (),
    market: float | None = None,
    is_rolled: bool = False,
    is_sound: bool = False,
) -> QualityReport:
    """Look for everything that may be wrong with bars, and grade them.

    `docs/reference/data-quality.md` describes each check and the grades.

    Args:
        bars: of one symbol; also such that nobody has checked, made by `Bars(...)` itself, whose
            rows may be out of order, repeated or impossible.
        instrument: assumed from symbol and prices where not given.
        calendar: the instrument's where not given.
        actions: what companies did, so that it is told from faults. ex_days: days of more of it.
        raw: what reading a file left out.
        repairs: what was changed before, to be kept with the report.
        market: the change of volume of the whole market, as `check_all` works it out.
        is_rolled: whether the rolls of a chain are known, so that their jumps are no fault.
        is_sound: whether `Bars.of` has checked the rows, so that nothing is asked of them again.
    Raises:
        EmptyRange: there are no bars.
    """
    if not len(bars):
        raise EmptyRange(bars.symbol, None, None)
    sifted = sound(bars) if is_sound else sift(bars)
    found = list(row_findings(bars, sifted, raw))
    if len(sifted.usable):
        usable = bars if is_sound else pick(bars, sifted.usable)
        view = View(usable, instrument, calendar)
        known = [one.ex_day for one in actions if one.symbol == bars.symbol]
        found += _of_bars(view, np.array([*known, *ex_days], dtype="datetime64[D]"), market)
    if is_rolled:
        found = [finding for finding in found if finding.check != "rolls"]
    return report_of(bars, len(bars), found, repairs)


def report_of(
    bars: Bars, rows: int, found: list[Finding], repairs: tuple[str, ...]
) -> QualityReport:
    """Put findings together.

    Args:
        bars: the first and the last of so many rows, and any between.
    """
    named = {finding.check for finding in found}
    asked = (*ROW_CHECKS, *HOUR_CHECKS, *PRICE_CHECKS, *VOLUME_CHECKS)
    return QualityReport(
        symbol=bars.symbol,
        timeframe=str(bars.timeframe),
        rows=rows,
        start=from_ns(int(bars.ts.min())),
        end=from_ns(int(bars.ts.max())),
        findings=sorted_findings(found),
        clean=tuple(name for name in asked if name not in named),
        repairs=repairs,
    )


def check_all(
    many: Mapping[str, Bars],
    *,
    instruments: Mapping[str, Instrument] | None = None,
    actions: Sequence[Action] = (),
    raw: Mapping[str, RowAccount] | None = None,
    repairs: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, QualityReport]:
    """Check several symbols, also for what only shows in all of a market together.

    Args:
        many: bars by any name.
        instruments, raw, repairs: as for `check`, by the same names.
        actions: of any of them.
    """
    known = instruments or {}
    shifts: dict[str, Mapping[str, float]] = {}
    for name, bars in many.items():
        view = View(bars, known.get(name))
        if view.is_cn_future and _is_in_order(bars):
            shifts[name] = volume_shift(view)
    common = market_ratio(shifts)
    return {
        name: check(
            bars,
            instrument=known.get(name),
            actions=actions,
            raw=(raw or {}).get(name),
            repairs=(repairs or {}).get(name, ()),
            market=common if shifts.get(name) else None,
        )
        for name, bars in many.items()
    }


def _is_in_order(bars: Bars) -> bool:
    return bool(len(bars) and (np.diff(bars.ts) > 0).all())


def _of_bars(view: View, ex_days: DayArray, market: float | None) -> Iterable[Finding]:
    yield from hour_findings(view)
    if len(view.bars) > 1:
        yield from price_findings(view, ex_days)
    yield from volume_findings(view, market_ratio=market)
