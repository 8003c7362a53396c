"""What a unit of volume, turnover and price stands for, and whether prices were adjusted."""

from dataclasses import dataclass

import numpy as np

from quantloom.data.readers.mapping import Finding
from quantloom.kit import FloatArray
from quantloom.market import Kind, UnknownSymbol, default_instrument, resolve, venues

LEAN_SCALE = 10_000.0
"""LEAN writes prices of equities and their options as ten-thousandths."""

_LOT = 100.0
_THOUSAND = 1_000.0
_TEN_THOUSAND = 10_000.0
# Turnover over volume times price, by what the columns count: (shares a unit, money a unit).
_UNITS = (
    (1.0, 1.0),
    (_LOT, 1.0),
    (_LOT, _THOUSAND),
    (1.0, _THOUSAND),
    (_LOT, _TEN_THOUSAND),
    (1.0, _TEN_THOUSAND),
    (1.0, 1e6),
    (1.0, 1e8),
)
_NEAR = 0.06
_STEADY = 0.03
_WINDOW = 60
_CENT, _MILL = 100.0, 1_000.0
_SHARE = 0.3
_FEW = 0.05


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns of a sample, oldest row first; None where the file has no such column."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray | None = None
    turnover: FloatArray | None = None
    adj_close: FloatArray | None = None

    @property
    def middle(self) -> FloatArray:
        """About what was paid on average."""
        return (self.open + self.high + self.low + self.close) / 4

    def rate(self) -> FloatArray | None:
        """Turnover over volume times price, row by row; None without the two."""
        if self.volume is None or self.turnover is None:
            return None
        with np.errstate(all="ignore"):
            rate = self.turnover / (self.volume * self.middle)
        rate[~((rate > 0) & np.isfinite(rate))] = np.nan
        return rate


@dataclass(frozen=True, slots=True)
class Units:
    """Shares, coins or contracts in a unit of volume, and money in a unit of turnover."""

    volume: Finding[float]
    turnover: Finding[float]


def read_units(figures: Figures, symbol: str, *, in_lots: bool = False) -> Units:
    """Work out what volume and turnover count.

    Turnover is volume times price: where it is not, the power of ten between them tells lots and
    thousands. The newest prices are looked at, which a forward adjustment leaves as they were.

    Args:
        symbol: canonical, "" where it is not known.
        in_lots: the volume's name says that it counts lots.
    """
    rate = figures.rate()
    venue, multiplier, is_stock = _terms(symbol)
    ends = _ends(rate) if rate is not None else ()
    if not ends:
        return _without_turnover(venue, in_lots=in_lots)
    near: list[tuple[float, tuple[float, float], float]] = []
    for found in ends:
        for shares, money in _UNITS:
            wanted = shares * multiplier / money
            is_odd = shares == _LOT and venue and not is_stock
            if not is_odd and abs(np.log(found / wanted)) < _NEAR:
                near.append((abs(np.log(found / wanted)), (shares, money), found))
    if not near:
        return _odd(ends[0], multiplier)
    _, (shares, money), found = min(near)
    text = f"turnover is {found:.4g} times volume times price at its newest or oldest rows"
    if multiplier != 1:
        return Units(
            Finding(1.0, 0.97, (f"{text}, the contract's multiplier",)), Finding(money, 0.97)
        )
    what = "lots of 100" if shares == _LOT else "single units"
    how = {1.0: "money as it is", _THOUSAND: "thousands", _TEN_THOUSAND: "ten thousands"}
    told = f"{text}: volume counts {what}, turnover {how.get(money, f'units of {money:g}')}"
    return Units(Finding(shares, 0.95, (told,)), Finding(money, 0.95, (told,)))


def _terms(symbol: str) -> tuple[str, float, bool]:
    """Venue, multiplier of futures and options, and whether it is a Chinese share or fund."""
    if not symbol:
        return "", 1.0, False
    try:
        found = resolve(symbol)
    except UnknownSymbol:
        return "", 1.0, False
    is_option = found.kind is Kind.OPTION
    multiplier = 1.0
    if is_option or found.venue in venues.CN_FUTURES:
        multiplier = float(default_instrument(found.symbol).multiplier)
    is_stock = not is_option and found.venue in (*venues.CN_STOCK, venues.INDEX)
    venue = "" if found.venue == venues.LOCAL else found.venue
    return venue, multiplier, is_stock


def _ends(rate: FloatArray) -> tuple[float, ...]:
    """The rate at the newest rows, and at the oldest, where it is steady there."""
    known = rate[np.isfinite(rate)]
    if len(known) < 2:
        return ()
    found = []
    for part in (known[-_WINDOW:], known[:_WINDOW]):
        middle = float(np.median(part))
        spread = float(np.median(np.abs(part / middle - 1)))
        if spread < 5 * _STEADY:
            found.append(middle)
    return tuple(found)


def _without_turnover(venue: str, *, in_lots: bool) -> Units:
    if in_lots:
        lots = Finding(_LOT, 0.9, ("the name of the column says lots",))
        return Units(lots, Finding(1.0))
    is_stock = venue in venues.CN_STOCK
    why = "there is no turnover to tell lots from shares by; it is taken as it stands"
    return Units(Finding(1.0, 0.6 if is_stock else 0.9, (why,) if is_stock else ()), Finding(1.0))


def _odd(found: float, multiplier: float) -> Units:
    why = (
        f"turnover is {found:.4g} times volume times price, which no usual unit explains; "
        "both are taken as they stand"
    )
    sure = 0.8 if multiplier != 1 else 0.6
    return Units(Finding(1.0, sure, (why,)), Finding(1.0, sure, (why,)))


def read_price_scale(prices: FloatArray, *, is_lean: bool) -> Finding[float]:
    """Tell prices in ten-thousandths, as LEAN writes those of equities.

    Args:
        prices: (n,) of the four prices of a bar, as written.
        is_lean: the table is laid out as LEAN's are: no header, and times it alone writes so.
    """
    known = prices[np.isfinite(prices) & (prices > 0)]
    is_whole = bool(len(known)) and bool((np.rint(known) == known).all())
    if not is_lean or not is_whole:
        return Finding(1.0, 0.98)
    on_cents = float((known % _LOT == 0).mean())
    if on_cents < 0.75 or np.median(known) < LEAN_SCALE / 20:
        return Finding(1.0, 0.7)
    why = (
        "prices are whole numbers without a header, laid out as LEAN does, which writes "
        f"ten-thousandths; {on_cents:.0%} of them are whole cents then"
    )
    return Finding(LEAN_SCALE, 0.9, (why,))


def read_adjustment(figures: Figures, symbol: str) -> Finding[str]:
    """Tell whether prices look as if they had been moved for dividends and splits.

    Two things give an adjustment away. Prices that were never quoted: off the tick in one part of
    the history and on it in the other. And turnover over volume, which no adjustment touches: the
    price it tells drifts away from the one that is written, in steps.
    """
    told = _labelled(symbol)
    if told is not None:
        return told
    reasons = []
    off = _off_tick(figures)
    rate = _drift(figures)
    if rate is not None:
        reasons.append(rate)
    if off is not None:
        reasons.append(off)
    if not reasons:
        return Finding("none", 0.8)
    return Finding("suspected", 0.6 + 0.2 * (len(reasons) - 1), tuple(reasons))


def _labelled(symbol: str) -> Finding[str] | None:
    """Indices are never adjusted, and foreign exchange and coins pay no dividends."""
    if not symbol:
        return None
    try:
        venue = resolve(symbol).venue
    except UnknownSymbol:
        return None
    if venue in (*venues.CN_STOCK, *venues.US_STOCK, venues.LOCAL):
        return None
    return Finding("none", 0.9)


def _drift(figures: Figures) -> str | None:
    rate = figures.rate()
    if rate is None:
        return None
    known = rate[np.isfinite(rate)]
    if len(known) < 40:
        return None
    size = max(len(known) // 10, 20)
    first, last = float(np.median(known[:size])), float(np.median(known[-size:]))
    if abs(first / last - 1) < _STEADY:
        return None
    return (
        f"turnover over volume tells prices {first / last:.2f} times those written in the oldest "
        "rows and 1.00 times in the newest, so earlier prices were moved"
    )


def _off_tick(figures: Figures) -> str | None:
    close = figures.close[np.isfinite(figures.close) & (figures.close > 0)]
    if len(close) < 100:
        return None
    size = max(len(close) // 10, 20)
    oldest, newest = _off_share(close[:size]), _off_share(close[-size:])
    if oldest > _SHARE and newest < _FEW:
        return f"{oldest:.0%} of the oldest closes are no whole cents, {newest:.0%} of the newest"
    if newest > _SHARE and oldest < _FEW:
        return f"{newest:.0%} of the newest closes are no whole cents, {oldest:.0%} of the oldest"
    return None


def _off_share(prices: FloatArray) -> float:
    """Which share of prices are no whole cents; below 1 they may be whole mills."""
    ticks = np.where(prices >= 1, _CENT, _MILL) * prices
    # Prices that went through 32-bit floats are off by a ten-millionth.
    return float((np.abs(np.rint(ticks) - ticks) > np.maximum(1e-6 * ticks, 1e-4)).mean())
