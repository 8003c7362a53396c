"""What is left to ask: the span that is wanted, less what the ledger and the catalog both have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from quantloom.data.catalog import Catalog
from quantloom.data.collecting.ledger import Entry
from quantloom.data.collecting.spec import CollectSpec
from quantloom.data.described import DatasetInfo
from quantloom.data.names import DatasetNotFound
from quantloom.data.providers.checking import (
    Asked,
    calendar_of,
    is_running,
    midnight,
    open_days,
    span_of,
)
from quantloom.market import Timeframe, resolve

_ONE_DAY = timedelta(days=1)
_LONG_AGO = 5
# What is asked again each time, to see whether the provider has changed its mind.
_OVERLAP_DAILY, _OVERLAP_INTRADAY = timedelta(days=30), timedelta(days=3)
# Bars of one span: so many are stored, and lost by a kill, together.
_BARS_A_SPAN = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One span of one symbol to be asked for.

    Attributes:
        due: the span without the overlap that is asked again before it.
        days: trading days in it that must have bars.
    """

    symbol: str
    timeframe: Timeframe
    start: datetime
    end: datetime
    due: datetime
    days: int


def plan(
    spec: CollectSpec, catalog: Catalog, entries: Iterable[Entry], now: datetime
) -> tuple[Job, ...]:
    """List the spans to ask for, symbol by symbol, oldest first."""
    known = _of_symbols(spec, entries)
    return tuple(
        job
        for symbol in spec.symbols
        for job in _jobs(spec, symbol, catalog, known.get(symbol, []), now)
    )


def find_info(catalog: Catalog, symbol: str, timeframe: Timeframe) -> DatasetInfo | None:
    """Describe what is stored, None where nothing is."""
    try:
        return catalog.info(symbol, timeframe)
    except DatasetNotFound:
        return None


def settled_until(symbol: str, timeframe: Timeframe, now: datetime) -> datetime:
    """The moment from which on bars may still change: those that open before it are over."""
    if timeframe.is_intraday:
        return now - timedelta(seconds=timeframe.seconds)
    calendar = calendar_of(symbol)
    if timeframe.unit in "wM":
        span = span_of(now.date(), timeframe)
        return midnight(span[0]) if is_running(calendar, span, now) else now
    for day in calendar.trading_days(now.date() - _LONG_AGO * _ONE_DAY, now.date() + _ONE_DAY):
        if is_running(calendar, (day, day + _ONE_DAY), now):
            return min(midnight(day), now)
    return now


def days_between(
    provider: str, symbol: str, timeframe: Timeframe, span: tuple[datetime, datetime], now: datetime
) -> int:
    """How many trading days in a span must have bars."""
    asked = Asked(
        provider=provider,
        symbol=symbol,
        kind=resolve(symbol).kind,
        timeframe=timeframe,
        start=span[0],
        end=span[1],
        now=now,
    )
    return len(open_days(asked))


def _of_symbols(spec: CollectSpec, entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Spans of bars that came well, by symbol."""
    found: dict[str, list[Entry]] = {}
    wanted = ("bars", spec.provider, str(spec.timeframe), "")
    for entry in entries:
        if (entry.kind, entry.provider, entry.timeframe, entry.error) == wanted:
            found.setdefault(entry.symbol, []).append(entry)
    return found


def _jobs(
    spec: CollectSpec, symbol: str, catalog: Catalog, entries: list[Entry], now: datetime
) -> Iterator[Job]:
    last = min(spec.end or now, settled_until(symbol, spec.timeframe, now))
    info = find_info(catalog, symbol, spec.timeframe)
    covered = [] if spec.verify or info is None else list(_covered(info, entries))
    for start, end in _missing(spec.start, last, covered):
        for piece in _pieces(start, end, spec.timeframe):
            days = days_between(spec.provider, symbol, spec.timeframe, piece, now)
            if not days:
                continue
            is_first = piece[0] == start
            overlap = _overlap(spec, info, piece[0]) if is_first else piece[0]
            yield Job(
                symbol=symbol,
                timeframe=spec.timeframe,
                start=overlap,
                end=piece[1],
                due=piece[0],
                days=days,
            )


def _covered(info: DatasetInfo, entries: list[Entry]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that were asked for and whose bars are still there."""
    for entry in entries:
        is_stored = entry.first is None or (
            entry.last is not None and info.start <= entry.first and entry.last <= info.end
        )
        if is_stored and entry.start is not None and entry.upto is not None:
            yield entry.start, entry.upto


def _missing(
    start: datetime, end: datetime, covered: list[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    reached = start
    for since, upto in sorted(covered):
        if since > reached:
            yield reached, min(since, end)
        reached = max(reached, upto)
        if reached >= end:
            return
    if reached < end:
        yield reached, end


def _pieces(
    start: datetime, end: datetime, timeframe: Timeframe
) -> Iterator[tuple[datetime, datetime]]:
    # As if it traded around the clock, in whole days; daily bars of a lifetime are one span.
    step = max(timedelta(seconds=timeframe.seconds) * _BARS_A_SPAN // _ONE_DAY, 1) * _ONE_DAY
    while start < end:
        cut = min(start + step, end)
        yield start, cut
        start = cut


def _overlap(spec: CollectSpec, info: DatasetInfo | None, start: datetime) -> datetime:
    if info is None or info.start >= start:
        return start
    back = _OVERLAP_INTRADAY if spec.timeframe.is_intraday else _OVERLAP_DAILY
    back = max(back, 2 * timedelta(seconds=spec.timeframe.seconds))
    return max(spec.start, min(start, info.end) - back)
